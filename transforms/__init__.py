"""What happens: six stages whose folder names sort in the order data flows."""
