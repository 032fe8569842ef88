//! One partition's log in Kafka's on-disk layout, and the threads that own the logs.
