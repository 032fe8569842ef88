//! Power cuts under load: ext4 drops everything that was not synced, directory entries and file
//! lengths included. What acks=all has promised is there afterwards.

use std::time::Duration;

use super::crashes::{Crashes, crash};
use crate::broker::BrokerSetup;
use crate::load::Plan;
use crate::loop_disk::LoopDisk;
use crate::scenario::{Report, Run, Stop};

/// The longest time between two power cuts.
const MAX_LOAD: Duration = Duration::from_millis(300);
/// Room for everything that is written meanwhile.
const DISK_MIB: [u32; 2] = [1_024, 4_096];
/// The usual, and one in which the names and lengths of files may be on disk before what is in
/// them, and the journal is written often.
const MOUNT_OPTIONS: [&str; 2] = ["data=ordered", "data=writeback,commit=1"];

pub(super) fn run(run: &mut Run) -> Result<Report, Stop> {
    let [tier_one, tier_two] = DISK_MIB;
    let options = run.random.pick(&MOUNT_OPTIONS);
    let disk = LoopDisk::create(&run.directory, run.by_tier(tier_one, tier_two), options)?;
    let mut setup = BrokerSetup::new(&run.binary, &run.directory, &mut run.random);
    setup.data_dir = disk.path().join("data");
    let mut crashes = Crashes {
        count: run.repeats(60, 1_000),
        max_load: MAX_LOAD,
        plan: Plan { records_per_second: run.by_tier(1_000, 300), page_cache_survives: false },
        crash: &mut |broker| {
            // A power cut ends the processor as well: what a sync that it has cut off returns must
            // not be answered to anyone.
            broker.freeze()?;
            disk.cut_power()?;
            broker.kill();
            disk.mount_again()
        },
    };
    let mut report = crash(run, setup, &mut crashes)?;
    report.did(format!("ext4 with {options}"));
    Ok(report)
}
