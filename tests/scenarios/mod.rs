//! What happens over time: brokers that end and come back, members that come and go, clients that
//! do several things at once.

mod restart;
