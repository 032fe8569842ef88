//! Every advertised version of every API answers with what that version can carry.

use std::ops::RangeInclusive;

use kf::broker::dispatch::APIS;
use kf::wire::api::{ApiKey, Request};
use kf::wire::messages::alter_configs::{AlterConfigsRequest, AlterConfigsResource};
use kf::wire::messages::api_versions::ApiVersionsRequest;
use kf::wire::messages::create_partitions::{CreatePartitionsRequest, CreatePartitionsTopic};
use kf::wire::messages::create_topics::{CreatableTopic, CreateTopicsRequest};
use kf::wire::messages::delete_groups::DeleteGroupsRequest;
use kf::wire::messages::delete_records::{
    DeleteRecordsPartition, DeleteRecordsRequest, DeleteRecordsTopic,
};
use kf::wire::messages::delete_topics::{DeleteTopicState, DeleteTopicsRequest};
use kf::wire::messages::describe_cluster::DescribeClusterRequest;
use kf::wire::messages::describe_configs::{DescribeConfigsRequest, DescribeConfigsResource};
use kf::wire::messages::describe_groups::DescribeGroupsRequest;
use kf::wire::messages::describe_topic_partitions::DescribeTopicPartitionsRequest;
use kf::wire::messages::find_coordinator::FindCoordinatorRequest;
use kf::wire::messages::heartbeat::HeartbeatRequest;
use kf::wire::messages::incremental_alter_configs::{
    AlterConfigsResource as IncrementalResource, IncrementalAlterConfigsRequest,
};
use kf::wire::messages::init_producer_id::InitProducerIdRequest;
use kf::wire::messages::join_group::JoinGroupRequest;
use kf::wire::messages::leave_group::{LeaveGroupRequest, MemberIdentity};
use kf::wire::messages::list_groups::ListGroupsRequest;
use kf::wire::messages::list_offsets::{
    ListOffsetsPartition, ListOffsetsRequest, ListOffsetsTopic,
};
use kf::wire::messages::metadata::{MetadataRequest, MetadataRequestTopic};
use kf::wire::messages::offset_commit::{
    OffsetCommitRequest, OffsetCommitRequestPartition, OffsetCommitRequestTopic,
};
use kf::wire::messages::offset_delete::OffsetDeleteRequest;
use kf::wire::messages::offset_fetch::{OffsetFetchRequest, OffsetFetchRequestGroup};
use kf::wire::messages::offset_for_leader_epoch::{
    OffsetForLeaderEpochRequest, OffsetForLeaderPartition, OffsetForLeaderTopic,
};
use kf::wire::messages::sync_group::SyncGroupRequest;

use crate::harness::requests::{batch, fetch, produce};
use crate::harness::{Client, TestBroker};

/// First version of Produce that is served; those before are advertised only.
const FIRST_PRODUCE: i16 = 3;

const TOPIC: &str = "orders";

/// Sends requests at every version that is advertised for them, and remembers their APIs.
struct Asker {
    client: Client,
    asked: Vec<ApiKey>,
}

impl Asker {
    /// Asks with an existing and, where that makes a difference, a missing thing.
    fn ask<R: Request>(&mut self, requests: impl Fn(i16) -> Vec<R>) {
        for version in versions(R::KEY) {
            for request in requests(version) {
                // What the version cannot carry fails here, on either side.
                self.client.send(request, version);
            }
        }
        self.asked.push(R::KEY);
    }
}

fn versions(api: ApiKey) -> RangeInclusive<i16> {
    let row = APIS.iter().find(|row| row.key == api).expect("an API that is served");
    match api {
        ApiKey::Produce => FIRST_PRODUCE..=*row.versions.end(),
        _ => row.versions.clone(),
    }
}

#[test]
fn every_advertised_version_is_answered_as_that_version() {
    let broker = TestBroker::start();
    let mut client = broker.connect();
    client.create_topic(TOPIC, 1);
    let mut asker = Asker { client, asked: Vec::new() };
    ask_about_records(&mut asker);
    ask_about_groups(&mut asker);
    ask_about_topics_and_configs(&mut asker);
    asker.asked.sort();
    let served: Vec<ApiKey> = APIS.iter().map(|api| api.key).collect();
    assert_eq!(asker.asked, served, "an API is served and not asked");
}

fn ask_about_records(asker: &mut Asker) {
    let topics = [TOPIC, "missing"];
    asker.ask(|_| topics.map(|topic| produce(topic, 0, batch(&["value"]))).into());
    asker.ask(|_| topics.map(|topic| fetch(topic, 0, 0)).into());
    asker.ask(|_| {
        let partition = ListOffsetsPartition { timestamp: -1, ..Default::default() };
        let ask = |name: &str| ListOffsetsRequest {
            replica_id: -1,
            topics: vec![ListOffsetsTopic {
                name: name.to_owned(),
                partitions: vec![partition.clone()],
            }],
            ..Default::default()
        };
        topics.map(ask).into()
    });
    asker.ask(|_| {
        let partitions = vec![OffsetForLeaderPartition::default()];
        let ask = |name: &str| OffsetForLeaderEpochRequest {
            topics: vec![OffsetForLeaderTopic {
                topic: name.to_owned(),
                partitions: partitions.clone(),
            }],
            ..Default::default()
        };
        topics.map(ask).into()
    });
    asker.ask(|_| {
        let partitions = vec![DeleteRecordsPartition::default()];
        let ask = |name: &str| DeleteRecordsRequest {
            topics: vec![DeleteRecordsTopic {
                name: name.to_owned(),
                partitions: partitions.clone(),
            }],
            ..Default::default()
        };
        topics.map(ask).into()
    });
    asker.ask(|_| vec![InitProducerIdRequest::default()]);
}

fn ask_about_groups(asker: &mut Asker) {
    let group_id = || "readers".to_owned();
    asker.ask(|version| {
        let mut request = FindCoordinatorRequest::default();
        match version {
            ..4 => request.key = group_id(),
            4.. => request.coordinator_keys = vec![group_id()],
        }
        vec![request]
    });
    asker.ask(|_| vec![JoinGroupRequest { group_id: group_id(), ..Default::default() }]);
    asker.ask(|_| vec![SyncGroupRequest { group_id: group_id(), ..Default::default() }]);
    asker.ask(|_| vec![HeartbeatRequest { group_id: group_id(), ..Default::default() }]);
    asker.ask(|version| {
        let mut request = LeaveGroupRequest { group_id: group_id(), ..Default::default() };
        match version {
            ..3 => request.member_id = "member".to_owned(),
            3.. => request.members = vec![MemberIdentity::default()],
        }
        vec![request]
    });
    asker.ask(|_| {
        let partitions = vec![OffsetCommitRequestPartition::default()];
        let ask = |name: &str| OffsetCommitRequest {
            group_id: group_id(),
            topics: vec![OffsetCommitRequestTopic {
                name: name.to_owned(),
                partitions: partitions.clone(),
                ..Default::default()
            }],
            ..Default::default()
        };
        [TOPIC, "missing"].map(ask).into()
    });
    asker.ask(|version| {
        let mut request = OffsetFetchRequest::default();
        match version {
            ..2 => (request.group_id, request.topics) = (group_id(), Some(Vec::new())),
            2..8 => request.group_id = group_id(),
            8.. => {
                let group = OffsetFetchRequestGroup { group_id: group_id(), ..Default::default() };
                request.groups = vec![group];
            }
        }
        vec![request]
    });
    asker.ask(|_| vec![OffsetDeleteRequest { group_id: group_id(), ..Default::default() }]);
    asker.ask(|_| {
        let groups = vec![group_id(), "missing".to_owned()];
        vec![DescribeGroupsRequest { groups, ..Default::default() }]
    });
    asker.ask(|_| vec![ListGroupsRequest::default()]);
    asker.ask(|_| vec![DeleteGroupsRequest { groups_names: vec![group_id()] }]);
}

fn ask_about_topics_and_configs(asker: &mut Asker) {
    const TOPIC_RESOURCE: i8 = 2;
    let names = [TOPIC, "missing"];
    asker.ask(|_| vec![ApiVersionsRequest::default()]);
    asker.ask(|version| {
        let topics = |names: Vec<&str>| {
            let topic = |name: &str| MetadataRequestTopic {
                name: Some(name.to_owned()),
                ..Default::default()
            };
            names.into_iter().map(topic).collect::<Vec<_>>()
        };
        let all = if version == 0 { Some(Vec::new()) } else { None };
        let ask = |topics| MetadataRequest { topics, ..Default::default() };
        vec![ask(all), ask(Some(topics(vec![TOPIC, "created", "not a name"])))]
    });
    asker.ask(|version| {
        let topic = |name: &str| CreatableTopic {
            name: name.to_owned(),
            num_partitions: 1,
            replication_factor: 1,
            ..Default::default()
        };
        let topics = vec![topic(&format!("created-by-{version}")), topic(TOPIC)];
        vec![CreateTopicsRequest { topics, ..Default::default() }]
    });
    asker.ask(|version| {
        let names = [format!("created-by-{version}"), "missing".to_owned()];
        let topic =
            |name: &String| DeleteTopicState { name: Some(name.clone()), ..Default::default() };
        vec![match version {
            ..6 => DeleteTopicsRequest { topic_names: names.into(), ..Default::default() },
            6.. => DeleteTopicsRequest {
                topics: names.iter().map(topic).collect(),
                ..Default::default()
            },
        }]
    });
    asker.ask(|version| {
        let topic = |name: &str| CreatePartitionsTopic {
            name: name.to_owned(),
            count: i32::from(version) + 2,
            ..Default::default()
        };
        vec![CreatePartitionsRequest { topics: names.map(topic).into(), ..Default::default() }]
    });
    asker.ask(|_| {
        let resource = |name: &str| DescribeConfigsResource {
            resource_type: TOPIC_RESOURCE,
            resource_name: name.to_owned(),
            ..Default::default()
        };
        vec![DescribeConfigsRequest {
            resources: names.map(resource).into(),
            include_synonyms: true,
            ..Default::default()
        }]
    });
    asker.ask(|_| {
        let resource = |name: &str| AlterConfigsResource {
            resource_type: TOPIC_RESOURCE,
            resource_name: name.to_owned(),
            ..Default::default()
        };
        vec![AlterConfigsRequest { resources: names.map(resource).into(), ..Default::default() }]
    });
    asker.ask(|_| {
        let resource = |name: &str| IncrementalResource {
            resource_type: TOPIC_RESOURCE,
            resource_name: name.to_owned(),
            ..Default::default()
        };
        let resources = names.map(resource).into();
        vec![IncrementalAlterConfigsRequest { resources, ..Default::default() }]
    });
    asker.ask(|_| vec![DescribeClusterRequest::default()]);
    asker.ask(|_| vec![DescribeTopicPartitionsRequest::default()]);
}
