//! Against scripted brokers.

use tokio::net::TcpListener;

use super::*;
use crate::client::scripted_peer::{Peer, nobody, peer, serves};
use crate::wire::messages::api_versions::ApiVersionsRequest;
use crate::wire::messages::create_partitions::{CreatePartitionsRequest, CreatePartitionsResponse};

fn options(servers: &[&str]) -> ClusterOptions {
    ClusterOptions {
        bootstrap_servers: servers.iter().map(|server| (*server).to_owned()).collect(),
        client_id: "test".to_owned(),
        connect_timeout: Duration::from_secs(5),
        request_timeout: Duration::from_secs(5),
        retry: RetryPolicy {
            total: Duration::from_secs(5),
            first_pause: Duration::from_millis(1),
            longest_pause: Duration::from_millis(1),
        },
    }
}

fn metadata_of(node_id: i32, address: &str) -> MetadataResponse {
    let (host, port) = address.rsplit_once(':').unwrap();
    let (host, port) = (host.to_owned(), port.parse().unwrap());
    let broker = MetadataResponseBroker { node_id, host, port, rack: None };
    MetadataResponse { brokers: vec![broker], controller_id: node_id, ..Default::default() }
}

#[tokio::test]
async fn the_next_bootstrap_server_is_tried_when_one_is_down() {
    let up = peer(async |mut peer: Peer| {
        peer.negotiate().await;
        peer.until_closed().await;
    })
    .await;
    let (down, _socket) = nobody();
    let cluster = Cluster::connect(options(&[&down, &up])).await.unwrap();
    assert_eq!(cluster.any().await.unwrap().address(), up);
}

#[tokio::test]
async fn every_bootstrap_server_that_is_down_is_named() {
    let ((first, _one), (second, _two)) = (nobody(), nobody());
    let error = Cluster::connect(options(&[&first, &second])).await.unwrap_err().to_string();
    assert!(error.contains(&first) && error.contains(&second), "{error}");
}

#[tokio::test]
async fn a_silent_bootstrap_server_leaves_time_for_the_next() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let silent = listener.local_addr().unwrap().to_string();
    let up = peer(async |mut peer: Peer| {
        peer.negotiate().await;
        peer.until_closed().await;
    })
    .await;
    let hurried =
        ClusterOptions { connect_timeout: Duration::from_millis(400), ..options(&[&silent, &up]) };
    assert_eq!(Cluster::connect(hurried).await.unwrap().any().await.unwrap().address(), up);
}

#[tokio::test]
async fn an_advertised_address_where_nobody_listens_is_named() {
    let (advertised, _socket) = nobody();
    let there = advertised.clone();
    let bootstrap = peer(async move |mut peer: Peer| {
        peer.negotiate().await;
        let (_, version, id) = peer.next().await;
        peer.answer::<MetadataRequest>(&metadata_of(7, &there), version, id).await;
        peer.until_closed().await;
    })
    .await;
    let cluster = Cluster::connect(options(&[&bootstrap])).await.unwrap();
    let error = cluster.broker(7).await.unwrap_err().to_string();
    let expected = format!("broker 7 advertises {advertised}, which cannot be reached: ");
    assert!(error.starts_with(&expected), "{error}");
}

#[tokio::test]
async fn a_node_that_the_cluster_does_not_know_is_no_broker() {
    let bootstrap = peer(async |mut peer: Peer| {
        peer.negotiate().await;
        let (_, version, id) = peer.next().await;
        peer.answer_metadata(version, id, "cluster").await;
        peer.until_closed().await;
    })
    .await;
    let cluster = Cluster::connect(options(&[&bootstrap])).await.unwrap();
    let error = cluster.broker(7).await.unwrap_err();
    assert_eq!(error.code(), Some(ErrorCode::BROKER_NOT_AVAILABLE));
}

#[tokio::test]
async fn a_controller_that_is_not_elected_yet_is_looked_up_again() {
    let successor = peer(async |mut peer: Peer| {
        let (_, version, id) = peer.next().await;
        peer.answer::<ApiVersionsRequest>(&serves(&[(18, 0, 4), (37, 0, 3)]), version, id).await;
        let (_, version, id) = peer.next().await;
        let response = CreatePartitionsResponse::default();
        peer.answer::<CreatePartitionsRequest>(&response, version, id).await;
        peer.until_closed().await;
    })
    .await;
    let bootstrap = peer(async move |mut peer: Peer| {
        peer.negotiate().await;
        let (_, version, id) = peer.next().await;
        peer.answer::<MetadataRequest>(&MetadataResponse::default(), version, id).await;
        let (_, version, id) = peer.next().await;
        peer.answer::<MetadataRequest>(&metadata_of(2, &successor), version, id).await;
        peer.until_closed().await;
    })
    .await;
    let cluster = Cluster::connect(options(&[&bootstrap])).await.unwrap();
    let request = CreatePartitionsRequest::default();
    let answer = cluster.at_controller(async |at| at.request(&request).await).await;
    assert_eq!(answer.unwrap(), CreatePartitionsResponse::default());
}
