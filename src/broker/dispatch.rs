//! THE TABLE of APIs: request, versions, handler. It feeds dispatch and ApiVersions.
//!
//! An API that is not ready has no row. The versions are Kafka 4.2's, but for
//!
//! - Produce, advertised from 0 though served from 3, as Kafka does: librdkafka up to 2.11.0 turns
//!   compression off otherwise (KAFKA-18659);
//! - OffsetCommit and OffsetFetch, up to 9: version 10 names topics by id.

use std::future::Future;
use std::ops::RangeInclusive;
use std::pin::Pin;
use std::sync::Arc;

use super::context::{Caller, Context};
use super::handlers;
use crate::wire::api::{ApiKey, Request};
use crate::wire::codec::{DecodeError, EncodeError, Reader, Writer};
use crate::wire::frame;
use crate::wire::messages::*;
use crate::wire::schema::Message;

/// A future that a connection can hold on to.
pub type BoxFuture<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// What a handler gives back.
pub enum Answer<R> {
    /// The response.
    Now(R),
    /// The response will be there later; the connection may take further requests meanwhile, and
    /// still answers in request order.
    Later(BoxFuture<R>),
    /// There is no response: Produce with acks=0.
    Nothing,
    /// There is no response, and the client must notice that something went wrong.
    Close,
}

impl<R> From<R> for Answer<R> {
    fn from(response: R) -> Self {
        Self::Now(response)
    }
}

/// What a connection does about a request.
pub enum Reply {
    /// Sends this frame.
    Now(Writer),
    /// Sends this frame when it is there.
    Later(BoxFuture<Result<Writer, CallError>>),
    /// Sends nothing.
    Nothing,
    /// Closes the connection.
    Close,
}

/// Why a request could not be read or its response not be written: the connection is closed.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    /// The request's bytes are not the request.
    #[error("cannot be decoded: {0}")]
    Decode(#[from] DecodeError),
    /// A handler built a response that its version cannot carry.
    #[error("its response cannot be encoded: {0}")]
    Encode(#[from] EncodeError),
}

/// A request off the wire, before its body is read.
pub struct Call {
    /// What all handlers share.
    pub context: Arc<Context>,
    /// Who asks, and at which version.
    pub caller: Caller,
    /// Goes into the response.
    pub correlation_id: i32,
    /// The body.
    pub body: Reader,
}

/// A row of the table.
pub struct Api {
    /// Which API.
    pub key: ApiKey,
    /// Versions advertised.
    pub versions: RangeInclusive<i16>,
    /// Reads the request, lets the handler answer, writes the response.
    pub serve: fn(Call) -> BoxFuture<Result<Reply, CallError>>,
}

macro_rules! apis {
    ($($request:path, $versions:expr => $handler:ident;)*) => {
        /// The table, in the order of the numbers.
        pub static APIS: &[Api] = &[$( Api {
            key: <$request as Request>::KEY,
            versions: $versions,
            serve: |call| Box::pin(async move {
                let Call { context, caller, correlation_id, mut body } = call;
                let version = caller.api_version;
                // What a client may have put behind its request is ignored, as Kafka does.
                let request = <$request>::decode(&mut body, version)?;
                let answer = handlers::$handler::handle(&context, &caller, request).await;
                reply::<$request>(answer.into(), version, correlation_id)
            }),
        }, )*];
    };
}

apis! {
    produce::ProduceRequest, 0..=13 => produce;
    fetch::FetchRequest, 4..=18 => fetch;
    list_offsets::ListOffsetsRequest, 1..=11 => list_offsets;
    metadata::MetadataRequest, 0..=13 => metadata;
    offset_commit::OffsetCommitRequest, 2..=9 => offset_commit;
    offset_fetch::OffsetFetchRequest, 1..=9 => offset_fetch;
    find_coordinator::FindCoordinatorRequest, 0..=6 => find_coordinator;
    join_group::JoinGroupRequest, 0..=9 => join_group;
    heartbeat::HeartbeatRequest, 0..=4 => heartbeat;
    leave_group::LeaveGroupRequest, 0..=5 => leave_group;
    sync_group::SyncGroupRequest, 0..=5 => sync_group;
    describe_groups::DescribeGroupsRequest, 0..=6 => describe_groups;
    list_groups::ListGroupsRequest, 0..=5 => list_groups;
    api_versions::ApiVersionsRequest, 0..=4 => api_versions;
    create_topics::CreateTopicsRequest, 2..=7 => create_topics;
    delete_topics::DeleteTopicsRequest, 1..=6 => delete_topics;
    delete_records::DeleteRecordsRequest, 0..=2 => delete_records;
    init_producer_id::InitProducerIdRequest, 0..=5 => init_producer_id;
    offset_for_leader_epoch::OffsetForLeaderEpochRequest, 2..=4 => offset_for_leader_epoch;
    describe_configs::DescribeConfigsRequest, 1..=4 => describe_configs;
    alter_configs::AlterConfigsRequest, 0..=2 => alter_configs;
    create_partitions::CreatePartitionsRequest, 0..=3 => create_partitions;
    delete_groups::DeleteGroupsRequest, 0..=2 => delete_groups;
    incremental_alter_configs::IncrementalAlterConfigsRequest, 0..=1 => incremental_alter_configs;
    offset_delete::OffsetDeleteRequest, 0..=0 => offset_delete;
    describe_cluster::DescribeClusterRequest, 0..=2 => describe_cluster;
    describe_topic_partitions::DescribeTopicPartitionsRequest, 0..=0 => describe_topic_partitions;
}

/// The row of an API at a version; `None` if it is not served.
pub fn find(api_key: i16, version: i16) -> Option<&'static Api> {
    APIS.iter().find(|api| api.key.number() == api_key && api.versions.contains(&version))
}

fn reply<R: Request>(
    answer: Answer<R::Response>,
    version: i16,
    correlation_id: i32,
) -> Result<Reply, CallError>
where
    R::Response: Send + 'static,
{
    let encode = move |response: R::Response| {
        frame::encode_response::<R>(&response, version, correlation_id).map_err(CallError::from)
    };
    Ok(match answer {
        Answer::Now(response) => Reply::Now(encode(response)?),
        Answer::Later(response) => Reply::Later(Box::pin(async move { encode(response.await) })),
        Answer::Nothing => Reply::Nothing,
        Answer::Close => Reply::Close,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted_and_has_no_api_twice() {
        assert!(APIS.windows(2).all(|pair| pair[0].key < pair[1].key));
    }

    #[test]
    fn every_advertised_version_can_be_decoded() {
        for api in APIS {
            let known = api.key.versions();
            assert!(api.versions.end() <= known.end(), "{:?}", api.key);
            let advertised_only = api.key == ApiKey::Produce;
            assert!(advertised_only || api.versions.start() >= known.start(), "{:?}", api.key);
        }
    }
}
