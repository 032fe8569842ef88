//! The requests that scenarios need, in their simplest form.

use std::collections::BTreeMap;
use std::io;

use bytes::Bytes;
use kf::wire::error::ErrorCode;
use kf::wire::messages::create_topics::{
    CreatableTopic, CreatableTopicConfig, CreateTopicsRequest,
};
use kf::wire::messages::delete_records::{
    DeleteRecordsPartition, DeleteRecordsRequest, DeleteRecordsTopic,
};
use kf::wire::messages::delete_topics::DeleteTopicsRequest;
use kf::wire::messages::describe_configs::{DescribeConfigsRequest, DescribeConfigsResource};
use kf::wire::messages::fetch::{FetchPartition, FetchRequest, FetchTopic};
use kf::wire::messages::find_coordinator::FindCoordinatorRequest;
use kf::wire::messages::incremental_alter_configs::{
    AlterConfigsResource, AlterableConfig, IncrementalAlterConfigsRequest,
};
use kf::wire::messages::init_producer_id::InitProducerIdRequest;
use kf::wire::messages::list_offsets::{
    ListOffsetsPartition, ListOffsetsRequest, ListOffsetsTopic,
};
use kf::wire::messages::metadata::MetadataRequest;
use kf::wire::messages::offset_commit::{
    OffsetCommitRequest, OffsetCommitRequestPartition, OffsetCommitRequestTopic,
};
use kf::wire::messages::offset_fetch::{OffsetFetchRequest, OffsetFetchRequestTopic};
use kf::wire::messages::produce::{PartitionProduceData, ProduceRequest, TopicProduceData};

use crate::checker::bounds::Bounds;
use crate::client::Client;

/// acks=all: the answer comes when all is durable.
pub(crate) const ACKS_ALL: i16 = -1;
/// acks=1: the answer comes when all is appended.
pub(crate) const ACKS_ONE: i16 = 1;

/// The number of topics among the things that have configs.
const TOPIC_RESOURCE: i8 = 2;
/// ListOffsets answers these in place of a timestamp with the log start and the high watermark.
const EARLIEST: i64 = -2;
const LATEST: i64 = -1;

impl Client {
    /// Creates a topic; gives what the broker answers.
    pub(crate) fn create_topic(
        &mut self,
        name: &str,
        partitions: i32,
        configs: &[(&str, &str)],
    ) -> io::Result<ErrorCode> {
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
        let answer = self.ask(&request, 5)?.topics.pop();
        answer.map(|topic| topic.error_code).ok_or_else(no_answer)
    }

    /// Deletes a topic; gives what the broker answers.
    pub(crate) fn delete_topic(&mut self, name: &str) -> io::Result<ErrorCode> {
        let topic_names = vec![name.to_owned()];
        let request = DeleteTopicsRequest { topic_names, ..DeleteTopicsRequest::default() };
        let answer = self.ask(&request, 5)?.responses.pop();
        answer.map(|topic| topic.error_code).ok_or_else(no_answer)
    }

    /// The names of all topics.
    pub(crate) fn topic_names(&mut self) -> io::Result<Vec<String>> {
        let request = MetadataRequest {
            topics: None,
            allow_auto_topic_creation: false,
            ..MetadataRequest::default()
        };
        let topics = self.ask(&request, 5)?.topics;
        Ok(topics.into_iter().filter_map(|topic| topic.name).collect())
    }

    /// Sends one batch to one partition; gives the answer's code and base offset.
    pub(crate) fn produce(
        &mut self,
        topic: &str,
        partition: i32,
        acks: i16,
        records: Bytes,
    ) -> io::Result<(ErrorCode, i64)> {
        let data = PartitionProduceData { index: partition, records: Some(records) };
        let request = ProduceRequest {
            acks,
            timeout_ms: 10_000,
            topic_data: vec![TopicProduceData {
                name: topic.to_owned(),
                partition_data: vec![data],
                ..TopicProduceData::default()
            }],
            ..ProduceRequest::default()
        };
        let answer = self.ask(&request, 9)?.responses.pop();
        let answer = answer.and_then(|mut topic| topic.partition_responses.pop());
        answer.map(|answer| (answer.error_code, answer.base_offset)).ok_or_else(no_answer)
    }

    /// How many bytes of records one partition holds from an offset on, as far as one answer goes.
    pub(crate) fn fetch_bytes(
        &mut self,
        topic: &str,
        partition: i32,
        offset: i64,
    ) -> io::Result<usize> {
        let partition = FetchPartition {
            partition,
            fetch_offset: offset,
            partition_max_bytes: 1 << 20,
            ..FetchPartition::default()
        };
        let topic = FetchTopic {
            topic: topic.to_owned(),
            partitions: vec![partition],
            ..FetchTopic::default()
        };
        let request = FetchRequest { min_bytes: 1, topics: vec![topic], ..FetchRequest::default() };
        let answer = self.ask(&request, 11)?.responses.pop();
        let answer = answer.and_then(|mut topic| topic.partitions.pop()).ok_or_else(no_answer)?;
        answer.error_code.ok().map_err(refused)?;
        Ok(answer.records.map_or(0, |records| records.len()))
    }

    /// A producer id and its epoch.
    pub(crate) fn init_producer_id(&mut self) -> io::Result<(i64, i16)> {
        let answer = self.ask(&InitProducerIdRequest::default(), 4)?;
        answer.error_code.ok().map_err(refused)?;
        Ok((answer.producer_id, answer.producer_epoch))
    }

    /// Log start and high watermark of all partitions of a topic.
    pub(crate) fn offsets(&mut self, topic: &str, partitions: i32) -> io::Result<Vec<Bounds>> {
        let starts = self.list_offsets(topic, partitions, EARLIEST)?;
        let ends = self.list_offsets(topic, partitions, LATEST)?;
        let pairs = starts.into_values().zip(ends.into_values());
        let bounds = |(log_start, high_watermark)| Bounds { log_start, high_watermark };
        Ok(pairs.map(bounds).collect())
    }

    fn list_offsets(
        &mut self,
        topic: &str,
        partitions: i32,
        timestamp: i64,
    ) -> io::Result<BTreeMap<i32, i64>> {
        let asked = |partition_index| ListOffsetsPartition {
            partition_index,
            timestamp,
            ..ListOffsetsPartition::default()
        };
        let request = ListOffsetsRequest {
            replica_id: -1,
            topics: vec![ListOffsetsTopic {
                name: topic.to_owned(),
                partitions: (0..partitions).map(asked).collect(),
            }],
            ..ListOffsetsRequest::default()
        };
        let topic = self.ask(&request, 5)?.topics.pop().ok_or_else(no_answer)?;
        let mut offsets = BTreeMap::new();
        for partition in topic.partitions {
            partition.error_code.ok().map_err(refused)?;
            offsets.insert(partition.partition_index, partition.offset);
        }
        match offsets.len() == partitions as usize {
            true => Ok(offsets),
            false => Err(no_answer()),
        }
    }

    /// Deletes all records of a partition before an offset; gives what the broker answers.
    pub(crate) fn delete_records(
        &mut self,
        topic: &str,
        partition: i32,
        offset: i64,
    ) -> io::Result<ErrorCode> {
        let partitions = vec![DeleteRecordsPartition { partition_index: partition, offset }];
        let topics = vec![DeleteRecordsTopic { name: topic.to_owned(), partitions }];
        let answer = self.ask(&DeleteRecordsRequest { topics, timeout_ms: 10_000 }, 2)?;
        let answer = answer.topics.into_iter().next();
        let answer = answer.and_then(|mut topic| topic.partitions.pop());
        answer.map(|partition| partition.error_code).ok_or_else(no_answer)
    }

    /// Looks for the coordinator of a group, which must be done before it takes offsets.
    pub(crate) fn find_coordinator(&mut self, group: &str) -> io::Result<()> {
        let request =
            FindCoordinatorRequest { key: group.to_owned(), ..FindCoordinatorRequest::default() };
        self.ask(&request, 2)?.error_code.ok().map_err(refused)
    }

    /// Commits an offset of a group without members; gives what the broker answers.
    pub(crate) fn commit_offset(
        &mut self,
        group: &str,
        topic: &str,
        offset: i64,
    ) -> io::Result<ErrorCode> {
        let partition = OffsetCommitRequestPartition {
            committed_offset: offset,
            ..OffsetCommitRequestPartition::default()
        };
        let topic = OffsetCommitRequestTopic {
            name: topic.to_owned(),
            partitions: vec![partition],
            ..OffsetCommitRequestTopic::default()
        };
        let request = OffsetCommitRequest {
            group_id: group.to_owned(),
            topics: vec![topic],
            ..OffsetCommitRequest::default()
        };
        let answer = self.ask(&request, 6)?.topics.pop();
        let answer = answer.and_then(|mut topic| topic.partitions.pop());
        answer.map(|partition| partition.error_code).ok_or_else(no_answer)
    }

    /// The offset that a group has committed for partition 0; -1 if none.
    pub(crate) fn committed_offset(&mut self, group: &str, topic: &str) -> io::Result<i64> {
        let topic = OffsetFetchRequestTopic { name: topic.to_owned(), partition_indexes: vec![0] };
        let request = OffsetFetchRequest {
            group_id: group.to_owned(),
            topics: Some(vec![topic]),
            ..OffsetFetchRequest::default()
        };
        let answer = self.ask(&request, 5)?;
        answer.error_code.ok().map_err(refused)?;
        let partition = answer.topics.into_iter().next();
        let partition = partition.and_then(|mut topic| topic.partitions.pop());
        let partition = partition.ok_or_else(no_answer)?;
        partition.error_code.ok().map_err(refused)?;
        Ok(partition.committed_offset)
    }

    /// Sets a config of a topic; gives what the broker answers.
    pub(crate) fn set_config(
        &mut self,
        topic: &str,
        name: &str,
        value: &str,
    ) -> io::Result<ErrorCode> {
        let config = AlterableConfig {
            name: name.to_owned(),
            value: Some(value.to_owned()),
            ..AlterableConfig::default()
        };
        let resource = AlterConfigsResource {
            resource_type: TOPIC_RESOURCE,
            resource_name: topic.to_owned(),
            configs: vec![config],
        };
        let request =
            IncrementalAlterConfigsRequest { resources: vec![resource], validate_only: false };
        let answer = self.ask(&request, 1)?.responses.pop();
        answer.map(|resource| resource.error_code).ok_or_else(no_answer)
    }

    /// The value of a config of a topic.
    pub(crate) fn config(&mut self, topic: &str, name: &str) -> io::Result<Option<String>> {
        let resource = DescribeConfigsResource {
            resource_type: TOPIC_RESOURCE,
            resource_name: topic.to_owned(),
            configuration_keys: Some(vec![name.to_owned()]),
        };
        let request = DescribeConfigsRequest {
            resources: vec![resource],
            ..DescribeConfigsRequest::default()
        };
        let result = self.ask(&request, 4)?.results.pop().ok_or_else(no_answer)?;
        result.error_code.ok().map_err(refused)?;
        Ok(result.configs.into_iter().next().and_then(|config| config.value))
    }
}

fn no_answer() -> io::Error {
    io::Error::other("the answer does not speak of what was asked")
}

fn refused(code: ErrorCode) -> io::Error {
    io::Error::other(code.to_string())
}
