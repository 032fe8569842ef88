//! The headers of a message that librdkafka has received.

use std::cell::Cell;
use std::panic::{self, AssertUnwindSafe};
use std::sync::Once;

use rdkafka::message::{BorrowedMessage, Headers, Message};

use crate::wire::records::Header;

/// A header whose key is no text. Kafka's protocol says that keys are UTF-8; nobody checks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the key of a header is not UTF-8, which can be read only without a group")]
pub struct HeaderKeyNotText;

/// The headers in order.
///
/// # Errors
/// A key is not UTF-8.
pub fn headers<'a>(message: &'a BorrowedMessage<'_>) -> Result<Vec<Header<'a>>, HeaderKeyNotText> {
    let Some(headers) = message.headers() else { return Ok(Vec::new()) };
    let read = |index| headers.try_get(index);
    let read = || (0..headers.count()).filter_map(read).collect::<Vec<_>>();
    let read = without_panic(read)?;
    Ok(read
        .iter()
        .map(|header| Header { key: header.key.as_bytes(), value: header.value })
        .collect())
}

/// The crate has no other way to a header, and panics where a key is not UTF-8. It holds nothing
/// at that moment that could be left in disorder.
fn without_panic<T>(read: impl FnOnce() -> T) -> Result<T, HeaderKeyNotText> {
    thread_local! {
        static IS_EXPECTED: Cell<bool> = const { Cell::new(false) };
    }
    static SILENCE: Once = Once::new();
    SILENCE.call_once(|| {
        let report = panic::take_hook();
        panic::set_hook(Box::new(move |panic| {
            if !IS_EXPECTED.get() {
                report(panic);
            }
        }));
    });
    IS_EXPECTED.set(true);
    let result = panic::catch_unwind(AssertUnwindSafe(read));
    IS_EXPECTED.set(false);
    result.map_err(|_| HeaderKeyNotText)
}
