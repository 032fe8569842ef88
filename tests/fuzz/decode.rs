//! Every message at every version, fed with noise and with damaged messages.

use std::time::{Duration, Instant};

use bytes::Bytes;
use kf::wire::codec::{ALLOCATION_FACTOR, ALLOCATION_SLACK, Reader};
use kf::wire::header::{RequestHeader, ResponseHeader};

use super::allocation;
use super::mutate::mutate;
use crate::random::Random;
use crate::wire::schema::Schema;
use crate::wire::subjects::{Subject, subjects};

/// How often each version of each message is tried, unless the time to use is given.
const ROUNDS: usize = 200;

#[test]
fn no_bytes_make_a_decoder_panic_or_allocate_beyond_its_bound() {
    let mut random = Random::from_environment();
    let subjects = subjects();
    let seconds = std::env::var("KF_FUZZ_SECONDS").ok();
    let seconds = seconds.map(|seconds| seconds.parse().expect("KF_FUZZ_SECONDS is a number"));
    let (start, mut rounds) = (Instant::now(), 0);
    let mut decoded = 0;
    while match seconds {
        Some(seconds) => start.elapsed() < Duration::from_secs(seconds),
        None => rounds < ROUNDS,
    } {
        for subject in &subjects {
            for version in subject.versions.clone() {
                let bytes = damaged(subject, version, &mut random);
                decoded += usize::from(decode_within_bounds(subject, version, bytes));
            }
        }
        rounds += 1;
    }
    println!("{rounds} rounds, {decoded} of the inputs were messages after all");
    assert!(decoded > rounds, "damage so bad that the decoders give up at once proves little");
}

/// Noise, or a message with some damage.
fn damaged(subject: &Subject, version: i16, random: &mut Random) -> Bytes {
    if random.one_in(8) {
        let length = random.below(100);
        return random.bytes(length).into();
    }
    let schema = Schema::of(subject.name);
    let mut message = || schema.bytes(&schema.random(random, version), version);
    let (mut bytes, other) = (message(), message());
    mutate(&mut bytes, &other, random);
    bytes.into()
}

/// Whether the bytes were a message.
fn decode_within_bounds(subject: &Subject, version: i16, bytes: Bytes) -> bool {
    let (peak, result) = allocation::peak(|| (subject.decode)(bytes.clone(), version));
    assert!(
        peak <= ALLOCATION_FACTOR * bytes.len() + ALLOCATION_SLACK,
        "{} {version}: {peak} bytes of memory for {bytes:?}",
        subject.name,
    );
    if result.is_err() {
        return false;
    }
    let written = (subject.rewrite)(bytes, version, version).expect("what was read can be written");
    let again = (subject.rewrite)(written.clone(), version, version);
    assert_eq!(again, Ok(written), "{} {version}", subject.name);
    true
}

#[test]
fn no_bytes_make_a_header_panic() {
    let mut random = Random::from_environment();
    for _ in 0..20_000 {
        let length = random.below(24);
        let bytes = Bytes::from(random.bytes(length));
        let _ = RequestHeader::peek(&bytes);
        for header_version in 0..=2 {
            let _ = RequestHeader::decode(&mut Reader::new(bytes.clone()), header_version);
            let _ = ResponseHeader::decode(&mut Reader::new(bytes.clone()), header_version);
        }
    }
}
