//! Against scripted brokers.

use std::sync::Arc;

use super::*;
use crate::client::scripted_peer::{Peer, connect, peer, serves};
use crate::wire::messages::api_versions::ApiVersionsRequest;
use crate::wire::messages::describe_topic_partitions::DescribeTopicPartitionsResponse;

type Page = DescribeTopicPartitionsResponse;

/// A cluster of one broker that answers DescribeTopicPartitions with these pages.
async fn cluster_with(pages: Vec<Page>) -> Arc<Cluster> {
    let address = peer(async move |mut peer: Peer| {
        peer.reply::<ApiVersionsRequest>(&serves(&[(18, 0, 4), (75, 0, 0)])).await;
        for page in pages {
            peer.reply::<DescribeTopicPartitionsRequest>(&page).await;
        }
        peer.until_closed().await;
    })
    .await;
    connect(&address).await
}

fn page(topic: &str, partitions: &[i32], next: Option<(&str, i32)>) -> Page {
    let partition = |index: &i32| DescribeTopicPartitionsResponsePartition {
        partition_index: *index,
        ..Default::default()
    };
    let topic = DescribeTopicPartitionsResponseTopic {
        name: Some(topic.to_owned()),
        partitions: partitions.iter().map(partition).collect(),
        ..Default::default()
    };
    let cursor = |(topic_name, partition_index): (&str, i32)| Cursor {
        topic_name: topic_name.to_owned(),
        partition_index,
    };
    Page { topics: vec![topic], next_cursor: next.map(cursor), ..Default::default() }
}

#[tokio::test]
async fn a_topic_that_comes_in_pages_is_described_whole() {
    let pages = vec![page("a", &[0, 1], Some(("a", 2))), page("a", &[2], None)];
    let cluster = cluster_with(pages).await;
    let described = describe_topics(&cluster, &["a".to_owned()], 2).await.unwrap();
    let description = described["a"].as_ref().unwrap();
    let partitions: Vec<i32> = description.partitions.iter().map(|p| p.partition).collect();
    assert_eq!(partitions, [0, 1, 2]);
}

#[tokio::test]
async fn pages_that_do_not_advance_are_an_error() {
    let stuck = page("a", &[0], Some(("a", 1)));
    let cluster = cluster_with(vec![stuck.clone(), stuck]).await;
    let error = describe_topics(&cluster, &["a".to_owned()], 1).await.unwrap_err();
    assert!(error.to_string().ends_with("DescribeTopicPartitions does not advance"), "{error}");
}
