"""Link: Article -> revision number, Story."""
