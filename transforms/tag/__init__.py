"""Tag: Article -> TopicTag, domain decision."""
