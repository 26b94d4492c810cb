"""The journal as a topic of Kafka: for several machines that collect into one."""
