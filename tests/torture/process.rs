//! What the system tells of a process.

use std::fs;
use std::time::{Duration, Instant};

use crate::scenario::Stop;

/// Clock ticks in a second, in which Linux counts processor time for all programs.
const TICKS_PER_SECOND: u32 = 100;

/// How many descriptors it has open.
pub(crate) fn descriptors(process: u32) -> Result<usize, Stop> {
    Ok(fs::read_dir(format!("/proc/{process}/fd"))?.count())
}

/// The most memory that it has had in use at a time.
pub(crate) fn peak_memory_mib(process: u32) -> Result<u64, Stop> {
    let status = fs::read_to_string(format!("/proc/{process}/status"))?;
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib = peak.and_then(|peak| peak.trim().strip_suffix(" kB")?.parse::<u64>().ok());
    Ok(kib.ok_or("the system does not tell how much memory a process uses")? / 1024)
}

/// The processor time that it and its threads have used.
fn processor_time(process: u32) -> Result<Duration, Stop> {
    let stat = fs::read_to_string(format!("/proc/{process}/stat"))?;
    // Behind the name, which stands in parentheses, the state is the first and utime the 12th.
    let fields: Vec<&str> =
        stat.rsplit_once(") ").map_or(Vec::new(), |(_, rest)| rest.split(' ').collect());
    let ticks = |index: usize| fields.get(index).and_then(|field| field.parse::<u32>().ok());
    let (user, system) =
        ticks(11).zip(ticks(12)).ok_or("the system does not tell how long a process has run")?;
    Ok(Duration::from_secs(1) * (user + system) / TICKS_PER_SECOND)
}

/// How much of one core it uses while `work` is done.
pub(crate) fn share_of_a_core<T>(process: u32, work: impl FnOnce() -> T) -> Result<(f64, T), Stop> {
    let (started, before) = (Instant::now(), processor_time(process)?);
    let result = work();
    let used = processor_time(process)?.saturating_sub(before);
    Ok((used.as_secs_f64() / started.elapsed().as_secs_f64(), result))
}
