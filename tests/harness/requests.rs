//! The requests that most tests need, in their simplest form.

use bytes::Bytes;
use kf::base::clock::{Clock, SystemClock};
use kf::wire::error::ErrorCode;
use kf::wire::messages::create_topics::{
    CreatableTopic, CreatableTopicConfig, CreateTopicsRequest,
};
use kf::wire::messages::delete_topics::DeleteTopicsRequest;
use kf::wire::messages::fetch::{FetchPartition, FetchRequest, FetchTopic, PartitionData};
use kf::wire::messages::incremental_alter_configs::{
    AlterConfigsResource, AlterableConfig, IncrementalAlterConfigsRequest,
};
use kf::wire::messages::produce::{
    PartitionProduceData, PartitionProduceResponse, ProduceRequest, TopicProduceData,
};
use kf::wire::records::{Batch, BatchBuilder, Batches, Compression, DECOMPRESSED_LIMIT};

use super::Client;

/// The version of Produce that tests use when the version does not matter.
pub(crate) const PRODUCE_VERSION: i16 = 9;
/// The version of Fetch that tests use when the version does not matter.
pub(crate) const FETCH_VERSION: i16 = 11;

/// acks=all: the answer comes when all is durable.
pub(crate) const ACKS_ALL: i16 = -1;

/// The time now, in milliseconds since the Unix epoch.
pub(crate) fn now_ms() -> i64 {
    SystemClock::new().wall_ms()
}

/// An uncompressed batch of records without keys, stamped with the time now.
pub(crate) fn batch(values: &[&str]) -> Bytes {
    filled(BatchBuilder::new(Compression::None), values)
}

/// The batch of an idempotent producer.
pub(crate) fn idempotent_batch(id: i64, epoch: i16, sequence: i32, values: &[&str]) -> Bytes {
    filled(BatchBuilder::new(Compression::None).producer(id, epoch, sequence), values)
}

fn filled(mut builder: BatchBuilder, values: &[&str]) -> Bytes {
    let now_ms = now_ms();
    values.iter().for_each(|value| builder.append(now_ms, None, Some(value.as_bytes()), &[]));
    builder.build().expect("records that fit into a batch")
}

/// Produces `records` to one partition with acks=all.
pub(crate) fn produce(topic: &str, partition: i32, records: Bytes) -> ProduceRequest {
    let data = PartitionProduceData { index: partition, records: Some(records) };
    ProduceRequest {
        acks: ACKS_ALL,
        timeout_ms: 10_000,
        topic_data: vec![TopicProduceData {
            name: topic.to_owned(),
            partition_data: vec![data],
            ..TopicProduceData::default()
        }],
        ..ProduceRequest::default()
    }
}

/// Fetches from one partition, without waiting.
pub(crate) fn fetch(topic: &str, partition: i32, offset: i64) -> FetchRequest {
    let partition = FetchPartition {
        partition,
        fetch_offset: offset,
        partition_max_bytes: 1 << 20,
        ..FetchPartition::default()
    };
    FetchRequest {
        max_wait_ms: 0,
        min_bytes: 1,
        topics: vec![FetchTopic {
            topic: topic.to_owned(),
            partitions: vec![partition],
            ..FetchTopic::default()
        }],
        ..FetchRequest::default()
    }
}

/// Values of all records in `records`, which hold whole batches.
pub(crate) fn values(records: Option<Bytes>) -> Vec<String> {
    let mut values = Vec::new();
    for batch in Batches::new(records.expect("records that are not null")) {
        let batch: Batch = batch.expect("whole batches");
        let decompressed = batch.decompress(DECOMPRESSED_LIMIT).expect("a batch of a known codec");
        for record in batch.records(&decompressed) {
            let value = record.expect("a record").value.unwrap_or_default();
            values.push(String::from_utf8_lossy(value).into_owned());
        }
    }
    values
}

impl Client {
    /// Creates a topic.
    #[track_caller]
    pub(crate) fn create_topic(&mut self, name: &str, partitions: i32) {
        self.create_topic_with(name, partitions, &[]);
    }

    /// Creates a topic with configs.
    #[track_caller]
    pub(crate) fn create_topic_with(
        &mut self,
        name: &str,
        partitions: i32,
        configs: &[(&str, &str)],
    ) {
        let config = |(name, value): &(&str, &str)| CreatableTopicConfig {
            name: (*name).to_owned(),
            value: Some((*value).to_owned()),
        };
        let topic = CreatableTopic {
            name: name.to_owned(),
            num_partitions: partitions,
            replication_factor: 1,
            configs: configs.iter().map(config).collect(),
            ..CreatableTopic::default()
        };
        let request = CreateTopicsRequest { topics: vec![topic], ..CreateTopicsRequest::default() };
        let response = self.send(request, 5);
        assert_eq!(response.topics[0].error_code, ErrorCode::NONE, "{:?}", response.topics[0]);
    }

    /// Deletes a topic.
    #[track_caller]
    pub(crate) fn delete_topic(&mut self, name: &str) {
        let request = DeleteTopicsRequest {
            topic_names: vec![name.to_owned()],
            ..DeleteTopicsRequest::default()
        };
        let response = self.send(request, 5);
        assert_eq!(response.responses[0].error_code, ErrorCode::NONE, "{:?}", response.responses);
    }

    /// Sets one config of a topic.
    #[track_caller]
    pub(crate) fn set_topic_config(&mut self, topic: &str, name: &str, value: &str) {
        let config = AlterableConfig {
            name: name.to_owned(),
            config_operation: 0,
            value: Some(value.to_owned()),
        };
        let resource = AlterConfigsResource {
            resource_type: 2,
            resource_name: topic.to_owned(),
            configs: vec![config],
        };
        let request =
            IncrementalAlterConfigsRequest { resources: vec![resource], validate_only: false };
        let response = self.send(request, 1);
        assert_eq!(response.responses[0].error_code, ErrorCode::NONE, "{:?}", response.responses);
    }

    /// Produces to one partition, and gives its part of the answer.
    #[track_caller]
    pub(crate) fn produce(
        &mut self,
        topic: &str,
        partition: i32,
        records: Bytes,
    ) -> PartitionProduceResponse {
        let mut response = self.send(produce(topic, partition, records), PRODUCE_VERSION);
        response.responses.remove(0).partition_responses.remove(0)
    }

    /// Produces values to one partition, which must succeed; gives the offset of the first.
    #[track_caller]
    pub(crate) fn produce_values(&mut self, topic: &str, partition: i32, values: &[&str]) -> i64 {
        let response = self.produce(topic, partition, batch(values));
        assert_eq!(response.error_code, ErrorCode::NONE, "{response:?}");
        response.base_offset
    }

    /// Fetches from one partition, and gives its part of the answer.
    #[track_caller]
    pub(crate) fn fetch(&mut self, topic: &str, partition: i32, offset: i64) -> PartitionData {
        let mut response = self.send(fetch(topic, partition, offset), FETCH_VERSION);
        response.responses.remove(0).partitions.remove(0)
    }

    /// The values from `offset` on, as far as one answer goes.
    #[track_caller]
    pub(crate) fn fetch_values(&mut self, topic: &str, partition: i32, offset: i64) -> Vec<String> {
        let found = self.fetch(topic, partition, offset);
        assert_eq!(found.error_code, ErrorCode::NONE, "{found:?}");
        values(found.records)
    }
}
