//! Against scripted brokers.

use tokio::net::TcpListener;

use super::*;
use crate::client::scripted_peer::{Peer, metadata_of, nobody, options, peer, serves};
use crate::wire::messages::api_versions::ApiVersionsRequest;
use crate::wire::messages::create_partitions::{CreatePartitionsRequest, CreatePartitionsResponse};

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
        peer.reply::<MetadataRequest>(&metadata_of(7, &there)).await;
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
        peer.reply::<ApiVersionsRequest>(&serves(&[(18, 0, 4), (37, 0, 3)])).await;
        let response = CreatePartitionsResponse::default();
        peer.reply::<CreatePartitionsRequest>(&response).await;
        peer.until_closed().await;
    })
    .await;
    let bootstrap = peer(async move |mut peer: Peer| {
        peer.negotiate().await;
        peer.reply::<MetadataRequest>(&MetadataResponse::default()).await;
        peer.reply::<MetadataRequest>(&metadata_of(2, &successor)).await;
        peer.until_closed().await;
    })
    .await;
    let cluster = Cluster::connect(options(&[&bootstrap])).await.unwrap();
    let request = CreatePartitionsRequest::default();
    let answer = cluster.at_controller(async |at| at.request(&request).await).await;
    assert_eq!(answer.unwrap(), CreatePartitionsResponse::default());
}
