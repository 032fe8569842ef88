//! Against scripted brokers.

use super::*;
use crate::client::scripted_peer::{Peer, connect, metadata_of, peer, serves};
use crate::wire::messages::api_versions::ApiVersionsRequest;
use crate::wire::messages::list_offsets::{
    ListOffsetsPartitionResponse, ListOffsetsResponse, ListOffsetsTopicResponse,
};
use crate::wire::messages::metadata::{
    MetadataRequest, MetadataResponse, MetadataResponsePartition, MetadataResponseTopic,
};

/// Metadata of one broker, node 1, that leads partition 0 of topic `a`.
fn led_by_one(address: &str) -> MetadataResponse {
    let partition = MetadataResponsePartition { leader_id: 1, ..Default::default() };
    let topic = MetadataResponseTopic {
        name: Some("a".to_owned()),
        partitions: vec![partition],
        ..Default::default()
    };
    MetadataResponse { topics: vec![topic], ..metadata_of(1, address) }
}

fn answer(error_code: ErrorCode, offset: i64) -> ListOffsetsResponse {
    let partition = ListOffsetsPartitionResponse { error_code, offset, ..Default::default() };
    let topic = ListOffsetsTopicResponse { name: "a".to_owned(), partitions: vec![partition] };
    ListOffsetsResponse { topics: vec![topic], ..Default::default() }
}

#[tokio::test]
async fn a_partition_whose_leader_has_moved_is_asked_for_again() {
    let address = peer(async |mut peer: Peer| {
        let apis = serves(&[(18, 0, 4), (3, 1, 5), (2, 1, 3)]);
        peer.reply::<ApiVersionsRequest>(&apis).await;
        for (code, offset) in [(ErrorCode::NOT_LEADER_OR_FOLLOWER, -1), (ErrorCode::NONE, 42)] {
            let metadata = led_by_one(&peer.address);
            peer.reply::<MetadataRequest>(&metadata).await;
            peer.reply::<ListOffsetsRequest>(&answer(code, offset)).await;
        }
        peer.until_closed().await;
    })
    .await;
    let cluster = connect(&address).await;
    let partition = TopicPartition::new("a", 0);
    let missing = TopicPartition::new("a", 1);
    let specs = BTreeMap::from([
        (partition.clone(), OffsetSpec::Latest),
        (missing.clone(), OffsetSpec::Latest),
    ]);
    let listed = list_offsets(&cluster, &specs, IsolationLevel::default()).await.unwrap();
    assert_eq!(listed[&partition].as_ref().unwrap().offset, Some(42));
    let code = listed[&missing].as_ref().unwrap_err().code();
    assert_eq!(code, Some(ErrorCode::UNKNOWN_TOPIC_OR_PARTITION));
}

#[tokio::test]
async fn a_question_that_the_broker_is_too_old_for_is_not_asked() {
    let address = peer(async |mut peer: Peer| {
        let apis = serves(&[(18, 0, 4), (3, 1, 5), (2, 1, 3)]);
        peer.reply::<ApiVersionsRequest>(&apis).await;
        let metadata = led_by_one(&peer.address);
        peer.reply::<MetadataRequest>(&metadata).await;
        peer.until_closed().await;
    })
    .await;
    let cluster = connect(&address).await;
    let specs = BTreeMap::from([(TopicPartition::new("a", 0), OffsetSpec::MaxTimestamp)]);
    let error = list_offsets(&cluster, &specs, IsolationLevel::default()).await.unwrap_err();
    assert!(
        matches!(error, ClientError::UnsupportedVersion { needed, .. } if *needed.start() == 7)
    );
}
