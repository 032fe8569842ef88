//! A disk of 10,000 bytes: the low-water mark and the reserve are 100 bytes each.

use super::*;
use crate::base::disk::crash::CrashDisk;

const CAPACITY: u64 = 10_000;
const DATA: &str = "/data";
const STRANGER: &str = "/data/stranger";

fn disk() -> (CrashDisk, Arc<dyn Disk>) {
    let disk = CrashDisk::default();
    disk.set_capacity(CAPACITY);
    disk.create_dir_all(Path::new(DATA)).unwrap();
    (disk.clone(), Arc::new(disk))
}

fn open(disk: &Arc<dyn Disk>) -> Space {
    Space::open(disk, &StoreOptions::new(DATA)).unwrap()
}

fn free(disk: &CrashDisk) -> u64 {
    disk.file_system(Path::new(DATA)).unwrap().room().unwrap().unwrap().free
}

/// Somebody else leaves so many bytes.
fn leave(disk: &CrashDisk, bytes: u64) {
    let file = disk.create(Path::new(STRANGER)).unwrap();
    file.set_len(free(disk) - bytes).unwrap();
}

fn has_reserve(disk: &CrashDisk) -> bool {
    length(disk, Path::new(DATA)) == 100
}

fn is_refused(result: Result<(), StorageError>) -> bool {
    match result {
        Ok(()) => false,
        Err(StorageError::DiskFull { .. }) => true,
        Err(error) => panic!("{error}"),
    }
}

fn no_room() -> Result<(), StorageError> {
    Err(StorageError::io(Path::new("/data/t"))(io::ErrorKind::StorageFull.into()))
}

#[test]
fn clients_may_write_down_to_the_low_water_mark_and_not_beyond() {
    let (crash_disk, disk) = disk();
    let space = open(&disk);
    space.look();
    assert!(has_reserve(&crash_disk));
    leave(&crash_disk, 1000);
    space.look();
    assert!(!is_refused(space.admit(800)) && !is_refused(space.admit(100)));
    let file = disk.create(Path::new("/data/log")).unwrap();
    file.set_len(900).unwrap();
    assert!(is_refused(space.admit(1)), "nobody has looked in between, but it has been counted");
}

#[test]
fn what_others_free_counts_before_a_client_is_refused() {
    let (crash_disk, disk) = disk();
    let space = open(&disk);
    space.look();
    leave(&crash_disk, 300);
    space.look();
    assert!(!is_refused(space.admit(200)));
    leave(&crash_disk, 5000);
    assert!(!is_refused(space.admit(200)));
}

#[test]
fn clients_are_accepted_again_when_there_is_clearly_more_room() {
    let (crash_disk, disk) = disk();
    let space = open(&disk);
    space.look();
    leave(&crash_disk, 99);
    space.look();
    assert!(is_refused(space.admit(1)) && space.is_low());
    leave(&crash_disk, 200);
    space.look();
    assert!(is_refused(space.admit(1)), "so little would be gone at once");
    leave(&crash_disk, 201);
    space.look();
    assert!(!is_refused(space.admit(1)) && !space.is_low());
}

#[test]
fn a_large_write_that_is_tried_again_has_room_when_clients_are_accepted_again() {
    let (crash_disk, disk) = disk();
    let space = open(&disk);
    space.look();
    leave(&crash_disk, 1000);
    space.look();
    assert!(is_refused(space.admit(2000)) && is_refused(space.admit(1)));
    leave(&crash_disk, 2199);
    space.look();
    assert!(is_refused(space.admit(2000)));
    leave(&crash_disk, 2200);
    space.look();
    assert!(!is_refused(space.admit(2000)));
}

#[test]
fn the_broker_goes_on_in_the_room_of_the_reserve_which_comes_back() {
    let (crash_disk, disk) = disk();
    let space = open(&disk);
    space.look();
    leave(&crash_disk, 0);
    let mut tries = 0;
    let written = space.with_reserve(|| {
        tries += 1;
        if free(&crash_disk) == 0 { no_room() } else { Ok(()) }
    });
    assert!(written.is_ok() && tries == 2 && free(&crash_disk) == 100);
    assert!(is_refused(space.admit(1)), "it is not for clients");
    let again = space.with_reserve(no_room);
    assert!(again.is_err_and(|error| error.is_disk_full()), "there is only one reserve");
    space.look();
    leave(&crash_disk, 299);
    space.look();
    assert!(!has_reserve(&crash_disk));
    leave(&crash_disk, 300);
    space.look();
    assert!(has_reserve(&crash_disk) && !is_refused(space.admit(50)));
}

#[test]
fn somebody_else_does_not_get_all_of_the_reserve_at_once() {
    let (crash_disk, disk) = disk();
    crash_disk.set_capacity(4 << 20);
    let options = StoreOptions { reserve_bytes: Some(1 << 20), ..StoreOptions::new(DATA) };
    let space = Space::open(&disk, &options).unwrap();
    space.look();
    for _ in 0..8 {
        leave(&crash_disk, 0);
        space.with_reserve(|| if free(&crash_disk) == 0 { no_room() } else { Ok(()) }).unwrap();
        assert_eq!(free(&crash_disk), (1 << 20) / 8);
    }
    leave(&crash_disk, 0);
    assert!(space.with_reserve(no_room).is_err());
    disk.remove_file(Path::new(STRANGER)).unwrap();
    space.look();
    assert_eq!(length(&*disk, Path::new(DATA)), 1 << 20);
}

#[test]
fn a_client_that_meets_a_full_disk_does_not_get_the_reserve() {
    let (crash_disk, disk) = disk();
    let space = open(&disk);
    space.look();
    space.note(&no_room().unwrap_err());
    assert!(space.is_low() && has_reserve(&crash_disk));
    space.look();
    assert!(!space.is_low(), "the room could be taken");
}

#[test]
fn a_reserve_survives_the_process_and_is_given_up_for_recovery_if_there_is_little_room() {
    let (crash_disk, disk) = disk();
    open(&disk).look();
    open(&disk);
    assert!(has_reserve(&crash_disk));
    leave(&crash_disk, 10);
    open(&disk);
    assert!(!has_reserve(&crash_disk) && free(&crash_disk) == 110);
}

#[test]
fn there_is_no_reserve_where_nothing_is_synced_or_nobody_wants_one() {
    let (crash_disk, disk) = disk();
    let ephemeral = StoreOptions { durability: Durability::Async, ..StoreOptions::new(DATA) };
    let unwanted = StoreOptions { reserve_bytes: Some(0), ..StoreOptions::new(DATA) };
    for options in [ephemeral, unwanted] {
        let space = Space::open(&disk, &options).unwrap();
        space.look();
        assert_eq!(free(&crash_disk), CAPACITY);
        leave(&crash_disk, 0);
        space.look();
        assert!(space.with_reserve(no_room).is_err() && is_refused(space.admit(1)));
        disk.remove_file(Path::new(STRANGER)).unwrap();
    }
}
