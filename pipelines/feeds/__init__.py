"""`icewire feeds`: the feeds file from and to other readers' lists, what its feeds answer, and how they fare."""
