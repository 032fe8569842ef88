//! Against a scripted broker that has one partition of one topic.

use std::collections::VecDeque;
use std::sync::Mutex;

use super::*;
use crate::client::cluster::ClusterOptions;
use crate::client::retry::RetryPolicy;
use crate::client::scripted_peer::{Peer, peer, serves};
use crate::wire::codec::Reader;
use crate::wire::header::RequestHeader;
use crate::wire::messages::api_versions::ApiVersionsRequest;
use crate::wire::messages::fetch::FetchableTopicResponse;
use crate::wire::messages::list_offsets::{
    ListOffsetsPartitionResponse, ListOffsetsRequest, ListOffsetsResponse, ListOffsetsTopicResponse,
};
use crate::wire::messages::metadata::{
    MetadataRequest, MetadataResponse, MetadataResponseBroker, MetadataResponsePartition,
    MetadataResponseTopic,
};
use crate::wire::records::{BatchBuilder, Compression};
use crate::wire::schema::Message;

const TOPIC: &str = "orders";
const EARLIEST_OFFSET: i64 = 3;
const LATEST_OFFSET: i64 = 10;

/// The offsets of the Fetches that the broker was sent.
type Asked = Arc<Mutex<Vec<i64>>>;

/// What the broker says, answer by answer. When it has no Fetch to answer with it stays silent;
/// the last thing that it knows of the topic it repeats.
struct Script {
    topics: VecDeque<ErrorCode>,
    fetches: VecDeque<PartitionData>,
    asked: Asked,
}

impl Script {
    async fn play(mut self, mut peer: Peer) {
        while let Ok(Some(frame)) = peer.requests.read().await {
            let mut reader = Reader::new(frame);
            let header = RequestHeader::decode(&mut reader, 1).unwrap();
            let (version, id) = (header.api_version, header.correlation_id);
            match header.api_key {
                1 => {
                    let request = FetchRequest::decode(&mut reader, version).unwrap();
                    self.asked.lock().unwrap().push(request.topics[0].partitions[0].fetch_offset);
                    if let Some(data) = self.fetches.pop_front() {
                        peer.answer::<FetchRequest>(&fetched(data), version, id).await;
                    }
                }
                2 => {
                    let request = ListOffsetsRequest::decode(&mut reader, version).unwrap();
                    peer.answer::<ListOffsetsRequest>(&offsets(&request), version, id).await;
                }
                3 => {
                    let code = match self.topics.len() {
                        1 => self.topics[0],
                        _ => self.topics.pop_front().unwrap(),
                    };
                    let response = metadata(&peer, code);
                    peer.answer::<MetadataRequest>(&response, version, id).await;
                }
                _ => {
                    let served = serves(&[(18, 0, 4), (3, 1, 5), (2, 1, 5), (1, 4, 11)]);
                    peer.answer::<ApiVersionsRequest>(&served, version, id).await;
                }
            }
        }
    }
}

fn fetched(data: PartitionData) -> FetchResponse {
    let topic = FetchableTopicResponse {
        topic: TOPIC.to_owned(),
        partitions: vec![data],
        ..Default::default()
    };
    FetchResponse { responses: vec![topic], ..Default::default() }
}

fn offsets(request: &ListOffsetsRequest) -> ListOffsetsResponse {
    let offset = match request.topics[0].partitions[0].timestamp {
        -2 => EARLIEST_OFFSET,
        _ => LATEST_OFFSET,
    };
    let partition = ListOffsetsPartitionResponse { offset, ..Default::default() };
    let topic = ListOffsetsTopicResponse { name: TOPIC.to_owned(), partitions: vec![partition] };
    ListOffsetsResponse { topics: vec![topic], ..Default::default() }
}

fn metadata(peer: &Peer, error_code: ErrorCode) -> MetadataResponse {
    let address = peer.writer.as_ref().local_addr().unwrap();
    let broker = MetadataResponseBroker {
        node_id: 1,
        host: address.ip().to_string(),
        port: address.port().into(),
        rack: None,
    };
    let partition = MetadataResponsePartition { leader_id: 1, ..Default::default() };
    let exists = error_code == ErrorCode::NONE;
    let topic = MetadataResponseTopic {
        error_code,
        name: Some(TOPIC.to_owned()),
        partitions: exists.then_some(partition).into_iter().collect(),
        ..Default::default()
    };
    MetadataResponse { brokers: vec![broker], topics: vec![topic], ..Default::default() }
}

/// One batch of records `v3`, `v4`, ... from an offset on.
fn batch(base_offset: i64, count: i64) -> PartitionData {
    let mut builder = BatchBuilder::new(Compression::None).base_offset(base_offset);
    for offset in base_offset..base_offset + count {
        builder.append(0, None, Some(format!("v{offset}").as_bytes()), &[]);
    }
    PartitionData { records: Some(builder.build().unwrap()), ..Default::default() }
}

fn failed(error_code: ErrorCode) -> PartitionData {
    PartitionData { error_code, ..Default::default() }
}

/// A fetcher, before a broker that knows these answers.
async fn fetcher(
    topics: &[ErrorCode],
    fetches: Vec<PartitionData>,
    options: FetchOptions,
) -> (Fetcher, Asked) {
    fetcher_of(None, topics, fetches, options).await
}

async fn fetcher_of(
    partition: Option<i32>,
    topics: &[ErrorCode],
    fetches: Vec<PartitionData>,
    options: FetchOptions,
) -> (Fetcher, Asked) {
    let asked = Asked::default();
    let script = Script {
        topics: topics.iter().copied().collect(),
        fetches: fetches.into(),
        asked: Arc::clone(&asked),
    };
    let address = peer(move |peer| script.play(peer)).await;
    let cluster = Cluster::connect(ClusterOptions {
        bootstrap_servers: vec![address],
        client_id: "test".to_owned(),
        connect_timeout: Duration::from_secs(5),
        request_timeout: Duration::from_secs(60),
        retry: RetryPolicy {
            total: Duration::ZERO,
            first_pause: Duration::from_millis(1),
            longest_pause: Duration::from_millis(1),
        },
    });
    let selection = TopicSelection::Topic { name: TOPIC.to_owned(), partition, auto_create: false };
    (Fetcher::new(cluster.await.unwrap(), selection, options), asked)
}

fn from(start_at: StartAt) -> FetchOptions {
    FetchOptions { start_at, ..Default::default() }
}

async fn next_values(fetcher: &mut Fetcher) -> Vec<String> {
    let FetchEvent::Records(chunk) = fetcher.next().await.unwrap() else { panic!("no records") };
    let mut values = Vec::new();
    let visited = chunk.visit(|_, record| {
        values.push(String::from_utf8_lossy(record.value.unwrap_or_default()).into_owned());
        std::ops::ControlFlow::<()>::Continue(())
    });
    assert!(visited.unwrap().is_continue());
    values
}

/// Waits for so many Fetches; the broker is on its way when they are not there yet.
async fn asked_for(asked: &Asked, count: usize) -> Vec<i64> {
    while asked.lock().unwrap().len() < count {
        tokio::task::yield_now().await;
    }
    asked.lock().unwrap().clone()
}

#[tokio::test]
async fn reading_goes_on_where_the_last_batch_ended() {
    let fetches = vec![batch(3, 2), batch(5, 1)];
    let (mut fetcher, asked) = fetcher(&[ErrorCode::NONE], fetches, from(StartAt::Earliest)).await;
    assert_eq!(next_values(&mut fetcher).await, ["v3", "v4"]);
    assert_eq!(next_values(&mut fetcher).await, ["v5"]);
    assert_eq!(asked_for(&asked, 3).await, [3, 5, 6]);
}

#[tokio::test]
async fn what_follows_is_asked_for_before_records_are_handed_out() {
    let (mut fetcher, asked) =
        fetcher(&[ErrorCode::NONE], vec![batch(7, 1)], from(StartAt::Offset(7))).await;
    assert_eq!(next_values(&mut fetcher).await, ["v7"]);
    assert_eq!(asked_for(&asked, 2).await, [7, 8]);
}

#[tokio::test]
async fn the_end_is_where_the_broker_says_it_is() {
    let (mut fetcher, asked) =
        fetcher(&[ErrorCode::NONE], vec![batch(10, 1)], from(StartAt::Latest)).await;
    assert_eq!(next_values(&mut fetcher).await, ["v10"]);
    assert_eq!(asked_for(&asked, 1).await[0], LATEST_OFFSET);
}

#[tokio::test]
async fn an_offset_out_of_range_is_reset_and_told() {
    let options = FetchOptions { reset_to: Some(StartAt::Earliest), ..from(StartAt::Offset(99)) };
    let fetches = vec![failed(ErrorCode::OFFSET_OUT_OF_RANGE), batch(3, 1)];
    let (mut fetcher, asked) = fetcher(&[ErrorCode::NONE], fetches, options).await;
    let event = fetcher.next().await.unwrap();
    assert!(matches!(event, FetchEvent::OffsetReset { partition: 0, from: 99, .. }), "{event:?}");
    assert_eq!(next_values(&mut fetcher).await, ["v3"]);
    assert_eq!(asked_for(&asked, 2).await[..2], [99, EARLIEST_OFFSET]);
}

#[tokio::test]
async fn an_offset_out_of_range_is_an_error_without_a_reset() {
    let options = FetchOptions { reset_to: None, ..from(StartAt::Offset(99)) };
    let fetches = vec![failed(ErrorCode::OFFSET_OUT_OF_RANGE)];
    let (mut fetcher, _) = fetcher(&[ErrorCode::NONE], fetches, options).await;
    let error = fetcher.next().await.unwrap_err();
    let place = "offset 99 of partition orders-0: ";
    assert!(error.to_string().starts_with(place), "{error}");
    assert_eq!(error.code(), Some(ErrorCode::OFFSET_OUT_OF_RANGE));
}

#[tokio::test]
async fn a_leader_that_moved_is_looked_up_again() {
    let codes = [
        ErrorCode::NOT_LEADER_OR_FOLLOWER,
        ErrorCode::FENCED_LEADER_EPOCH,
        ErrorCode::UNKNOWN_TOPIC_OR_PARTITION,
        ErrorCode::KAFKA_STORAGE_ERROR,
    ];
    for code in codes {
        let fetches = vec![failed(code), batch(4, 1)];
        let topics = [ErrorCode::NONE, ErrorCode::LEADER_NOT_AVAILABLE, ErrorCode::NONE];
        let (mut fetcher, asked) = fetcher(&topics, fetches, from(StartAt::Offset(4))).await;
        assert_eq!(next_values(&mut fetcher).await, ["v4"], "{code}");
        assert_eq!(asked_for(&asked, 2).await[..2], [4, 4], "{code}");
    }
}

#[tokio::test]
async fn errors_that_stay_end_the_reading_and_name_the_partition() {
    for code in [ErrorCode::TOPIC_AUTHORIZATION_FAILED, ErrorCode::CORRUPT_MESSAGE] {
        let (mut fetcher, _) =
            fetcher(&[ErrorCode::NONE], vec![failed(code)], from(StartAt::Offset(4))).await;
        let error = fetcher.next().await.unwrap_err();
        let place = "partition orders-0 at offset 4: ";
        assert!(error.to_string().starts_with(place), "{error}");
        assert_eq!(error.code(), Some(code));
    }
}

#[tokio::test]
async fn a_topic_that_appears_late_is_read_from_its_beginning() {
    let missing = ErrorCode::UNKNOWN_TOPIC_OR_PARTITION;
    let topics = [missing, missing, ErrorCode::NONE];
    let (mut fetcher, asked) = fetcher(&topics, vec![batch(3, 1)], from(StartAt::Latest)).await;
    let event = fetcher.next().await.unwrap();
    assert!(matches!(&event, FetchEvent::TopicMissing(topic) if topic == TOPIC), "{event:?}");
    assert_eq!(next_values(&mut fetcher).await, ["v3"]);
    assert_eq!(asked_for(&asked, 1).await[0], EARLIEST_OFFSET);
}

#[tokio::test]
async fn a_topic_whose_leader_is_only_late_is_read_from_its_end() {
    let topics = [ErrorCode::LEADER_NOT_AVAILABLE, ErrorCode::NONE];
    let (mut fetcher, asked) = fetcher(&topics, vec![batch(10, 1)], from(StartAt::Latest)).await;
    assert_eq!(next_values(&mut fetcher).await, ["v10"]);
    assert_eq!(asked_for(&asked, 1).await[0], LATEST_OFFSET);
}

#[tokio::test]
async fn a_topic_that_may_not_be_read_is_an_error() {
    let code = ErrorCode::TOPIC_AUTHORIZATION_FAILED;
    let (mut fetcher, _) = fetcher(&[code], vec![], from(StartAt::Latest)).await;
    let error = fetcher.next().await.unwrap_err();
    assert_eq!(error.to_string(), "topic orders (TOPIC_AUTHORIZATION_FAILED)");
}

#[tokio::test]
async fn a_partition_that_does_not_exist_is_an_error() {
    let (mut fetcher, _) =
        fetcher_of(Some(7), &[ErrorCode::NONE], vec![], from(StartAt::Earliest)).await;
    let error = fetcher.next().await.unwrap_err().to_string();
    assert!(error.starts_with("topic orders has no partition 7 (partitions: 1)"), "{error}");
}

#[tokio::test]
async fn the_request_says_what_the_options_say() {
    let options = FetchOptions {
        isolation_level: IsolationLevel::ReadCommitted,
        min_bytes: 2,
        max_wait_ms: 3,
        max_bytes: 4,
        partition_max_bytes: 5,
        ..Default::default()
    };
    let request = options.request(&[("a", 0, 7), ("a", 1, 8), ("b", 0, 9)]);
    assert_eq!((request.isolation_level, request.min_bytes, request.max_wait_ms), (1, 2, 3));
    assert_eq!(request.max_bytes, 4);
    let offsets: Vec<_> = request
        .topics
        .iter()
        .flat_map(|topic| topic.partitions.iter().map(|p| (topic.topic.as_str(), p.fetch_offset)))
        .collect();
    assert_eq!(offsets, [("a", 7), ("a", 8), ("b", 9)]);
}
