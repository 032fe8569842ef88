//! Trying again: the same attempt with growing pauses, until a total bound has passed.

use std::time::Duration;

use tokio::time::Instant;

use super::error::ClientError;

/// How long and how often something is tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RetryPolicy {
    /// Bound on all attempts and pauses together.
    pub total: Duration,
    /// Pause before the second attempt; each further pause is twice as long.
    pub first_pause: Duration,
    /// No pause is longer than this.
    pub longest_pause: Duration,
}

impl RetryPolicy {
    /// Runs `attempt` until it succeeds, fails with an error that stays
    /// ([`ClientError::is_retriable`]), or no time is left for another pause.
    ///
    /// # Errors
    /// The error of the last attempt.
    pub async fn run<T>(
        &self,
        mut attempt: impl AsyncFnMut() -> Result<T, ClientError>,
    ) -> Result<T, ClientError> {
        let deadline = Instant::now() + self.total;
        let mut pause = self.first_pause;
        loop {
            match attempt().await {
                Err(error) if error.is_retriable() && Instant::now() + pause < deadline => {
                    tokio::time::sleep(pause).await;
                    pause = (pause * 2).min(self.longest_pause);
                }
                result => return result,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::error::ErrorCode;

    const POLICY: RetryPolicy = RetryPolicy {
        total: Duration::from_millis(50),
        first_pause: Duration::from_millis(1),
        longest_pause: Duration::from_millis(2),
    };

    fn refused(code: ErrorCode) -> ClientError {
        ClientError::Refused { code, message: None }
    }

    #[tokio::test]
    async fn a_passing_error_is_tried_again() {
        let mut attempts = 0;
        let result = POLICY
            .run(async || {
                attempts += 1;
                match attempts {
                    3 => Ok("done"),
                    _ => Err(refused(ErrorCode::NOT_CONTROLLER)),
                }
            })
            .await;
        assert_eq!((result.unwrap(), attempts), ("done", 3));
    }

    #[tokio::test]
    async fn a_lasting_error_is_not_tried_again() {
        for code in [ErrorCode::TOPIC_ALREADY_EXISTS, ErrorCode::UNKNOWN_TOPIC_OR_PARTITION] {
            let mut attempts = 0;
            let result: Result<(), _> = POLICY
                .run(async || {
                    attempts += 1;
                    Err(refused(code))
                })
                .await;
            assert_eq!((result.unwrap_err().code(), attempts), (Some(code), 1));
        }
    }

    #[tokio::test]
    async fn an_error_that_never_passes_ends_within_the_total() {
        let result: Result<(), _> =
            POLICY.run(async || Err(refused(ErrorCode::COORDINATOR_LOAD_IN_PROGRESS))).await;
        assert_eq!(result.unwrap_err().code(), Some(ErrorCode::COORDINATOR_LOAD_IN_PROGRESS));
    }
}
