//! What happens over time: brokers that end and come back, members that come and go, consumers
//! that are there before the topic.

mod compaction;
mod consume_before_produce;
mod damage;
mod deletion;
mod rebalance;
mod restart;
mod retention;
