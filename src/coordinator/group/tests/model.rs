//! Random clients against the machine: whatever they do, in whatever order, and whatever the disk
//! does, these promises hold.
//!
//! - Every ticket is answered exactly once.
//! - A generation has one leader.
//! - Only a member of the current generation commits, or anybody while there are no members.
//! - The log alone gives the same offsets, and the same group once it has settled.
//! - No group gets stuck: living members settle, vanished ones leave it empty.

use super::*;

const SEEDS: u64 = 200;
const STEPS: usize = 400;

/// SplitMix64: small, and the same everywhere.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit as u64) as usize
    }

    fn one_in(&mut self, chances: usize) -> bool {
        self.below(chances) == 0
    }
}

/// What a client is doing.
enum Doing {
    Nothing,
    Joining(Ticket),
    /// It was told of its generation; a leader knows whom to assign to.
    Joined {
        assigns_to: Option<Vec<String>>,
    },
    Syncing(Ticket),
    Consuming,
}

struct Client {
    instance_id: Option<String>,
    /// Empty until the coordinator gives one.
    member_id: String,
    generation: i32,
    version: i16,
    doing: Doing,
}

impl Client {
    fn new(index: usize, random: &mut Random) -> Self {
        Self {
            instance_id: random.one_in(3).then(|| format!("i{index}")),
            member_id: String::new(),
            generation: -1,
            version: [3, 5, 9][random.below(3)],
            doing: Doing::Nothing,
        }
    }

    /// It starts anew, as after a crash.
    fn reset(&mut self) {
        self.member_id.clear();
        self.generation = -1;
        self.doing = Doing::Nothing;
    }

    fn join_request(&self, random: &mut Random) -> JoinGroupRequest {
        let names: &[&str] = if random.one_in(4) { &["range", "sticky"] } else { &["range"] };
        JoinGroupRequest {
            group_instance_id: self.instance_id.clone(),
            protocols: protocols(names),
            ..join_as(&self.member_id)
        }
    }
}

struct Model {
    driver: Driver,
    random: Random,
    clients: Vec<Client>,
    /// How many replies have been looked at.
    observed: usize,
    /// How often the group was deleted; its generations start over then.
    deletions: usize,
    /// Who was told to assign, by generation.
    leaders: BTreeMap<i32, String>,
    last_generation: i32,
}

/// Whether the member is to assign.
fn leads(response: &JoinGroupResponse) -> bool {
    !response.members.is_empty() && !response.skip_assignment
}

impl Model {
    fn new(seed: u64) -> Self {
        let mut random = Random(seed);
        let initial_rebalance_delay_ms = if random.one_in(2) { 0 } else { 3_000 };
        let mut driver =
            Driver::with(GroupSettings { initial_rebalance_delay_ms, ..Default::default() });
        driver.is_disk_fast = false;
        let count = 1 + random.below(8);
        let clients = (0..count).map(|index| Client::new(index, &mut random)).collect();
        Self {
            driver,
            random,
            clients,
            observed: 0,
            deletions: 0,
            leaders: BTreeMap::new(),
            last_generation: 0,
        }
    }

    /// Anything may happen.
    fn disturb(&mut self) {
        let index = self.random.below(self.clients.len());
        match self.random.below(20) {
            0..10 => self.proceed(index),
            10 => self.clients[index].reset(),
            11 => self.leave(index),
            12..14 => self.commit(index),
            14 => self.commit_standalone(),
            15 => self.administrate(),
            16 => {
                let by_ms = [10, 1_000, 9_999, 70_000][self.random.below(4)];
                self.driver.advance(by_ms);
            }
            _ => self.complete_append(),
        }
        self.observe();
    }

    /// Looks at the replies since last time.
    fn observe(&mut self) {
        let deletes =
            |record: &&GroupRecord| matches!(record, GroupRecord::Group { value: None, .. });
        let records = self.driver.log.iter().flat_map(|append| append.records.iter());
        let deletions = records.filter(deletes).count();
        if deletions > self.deletions {
            self.deletions = deletions;
            self.leaders.clear();
            self.last_generation = 0;
        }
        for ticket in &self.driver.answered[self.observed..] {
            let Reply::Join(response) = &self.driver.answers[ticket] else { continue };
            if response.error_code.is_error() {
                continue;
            }
            assert!(response.generation_id >= self.last_generation, "generations go back");
            self.last_generation = response.generation_id;
            if leads(response) {
                let leader = self.leaders.entry(response.generation_id);
                let leader = leader.or_insert_with(|| response.member_id.clone());
                assert_eq!(*leader, response.member_id, "two leaders of one generation");
            }
        }
        self.observed = self.driver.answered.len();
    }

    fn complete_append(&mut self) {
        if !self.driver.in_flight.is_empty() {
            let fails = self.random.one_in(10);
            let error = ErrorCode::KAFKA_STORAGE_ERROR;
            self.driver.complete_append(if fails { Err(error) } else { Ok(()) });
        }
    }

    /// A client does what a client does next.
    fn proceed(&mut self, index: usize) {
        match std::mem::replace(&mut self.clients[index].doing, Doing::Nothing) {
            Doing::Nothing => {
                let client = &self.clients[index];
                let request = client.join_request(&mut self.random);
                let ticket = self.driver.join(&request, client.version);
                self.clients[index].doing = Doing::Joining(ticket);
            }
            Doing::Joining(ticket) => match self.driver.answer(ticket) {
                Some(Reply::Join(response)) => self.on_joined(index, response),
                _ => self.clients[index].doing = Doing::Joining(ticket),
            },
            Doing::Joined { assigns_to } => {
                let client = &self.clients[index];
                let ids = assigns_to.unwrap_or_default();
                let ticket = self.driver.sync(&assign(&client.member_id, client.generation, &ids));
                self.clients[index].doing = Doing::Syncing(ticket);
            }
            Doing::Syncing(ticket) => match self.driver.answer(ticket) {
                Some(Reply::Sync(response)) => self.on_synced(index, &response),
                _ => self.clients[index].doing = Doing::Syncing(ticket),
            },
            Doing::Consuming => {
                let client = &mut self.clients[index];
                match self.driver.heartbeat(&client.member_id, client.generation) {
                    ErrorCode::NONE => client.doing = Doing::Consuming,
                    ErrorCode::REBALANCE_IN_PROGRESS => {}
                    _ => client.reset(),
                }
            }
        }
    }

    fn on_joined(&mut self, index: usize, response: JoinGroupResponse) {
        let client = &mut self.clients[index];
        match response.error_code {
            ErrorCode::NONE => {
                let leads = leads(&response);
                client.member_id = response.member_id;
                client.generation = response.generation_id;
                let members = response.members.into_iter().map(|member| member.member_id);
                let assigns_to = leads.then(|| members.collect());
                client.doing = Doing::Joined { assigns_to };
            }
            ErrorCode::MEMBER_ID_REQUIRED => client.member_id = response.member_id,
            ErrorCode::REBALANCE_IN_PROGRESS => {}
            _ => client.reset(),
        }
    }

    fn on_synced(&mut self, index: usize, response: &SyncGroupResponse) {
        let client = &mut self.clients[index];
        match response.error_code {
            ErrorCode::NONE => {
                if client.instance_id.is_none() {
                    assert_eq!(response.assignment, client.member_id.as_bytes());
                }
                client.doing = Doing::Consuming;
            }
            ErrorCode::REBALANCE_IN_PROGRESS | ErrorCode::NOT_COORDINATOR => {}
            _ => client.reset(),
        }
    }

    fn leave(&mut self, index: usize) {
        let client = &mut self.clients[index];
        let request = LeaveGroupRequest {
            group_id: "g".into(),
            members: vec![MemberIdentity {
                member_id: client.member_id.clone(),
                group_instance_id: client.instance_id.clone(),
                reason: None,
            }],
            ..LeaveGroupRequest::default()
        };
        client.reset();
        let ticket = self.driver.ticket();
        let effects = self.driver.machine.leave(ticket, &request, 5, self.driver.now);
        self.driver.absorb(effects);
    }

    /// A client commits, perhaps with what it remembers of another time.
    fn commit(&mut self, index: usize) {
        let client = &self.clients[index];
        let generation = client.generation - i32::from(self.random.one_in(5));
        let offset = self.random.below(1000) as i64;
        let request = OffsetCommitRequest {
            group_instance_id: client.instance_id.clone(),
            ..commit_as(&client.member_id, generation, offset)
        };
        let members = self.driver.machine.describe("g", 5).members;
        let is_member = members.iter().any(|member| member.member_id == client.member_id);
        let may_commit = match generation {
            0.. => is_member && generation == self.last_generation,
            _ => members.is_empty(),
        };
        let appends_before = self.driver.in_flight.len();
        self.driver.commit(&request, 8);
        let is_accepted = self.driver.in_flight.len() > appends_before;
        assert!(may_commit || !is_accepted, "a stranger commits: {request:?}");
    }

    fn commit_standalone(&mut self) {
        let is_empty = self.driver.machine.describe("g", 5).members.is_empty();
        let appends_before = self.driver.in_flight.len();
        let offset = self.random.below(1000) as i64;
        self.driver.commit(&commit_standalone(offset), 8);
        let is_accepted = self.driver.in_flight.len() > appends_before;
        assert!(is_empty || !is_accepted, "a stranger commits");
    }

    fn administrate(&mut self) {
        let now = self.driver.now;
        let effects = match self.random.below(4) {
            0 => {
                let ticket = self.driver.ticket();
                self.driver.machine.delete_group(ticket, "g", now)
            }
            1 => {
                let (ticket, request) = (self.driver.ticket(), offset_delete::request("t"));
                self.driver.machine.delete_offsets(ticket, &request, now)
            }
            2 => self.driver.machine.topics_deleted(&["t".to_owned()].into(), now),
            _ => self.driver.machine.expire_offsets(now),
        };
        self.driver.absorb(effects);
    }

    /// The disk works and the clients behave: they get to a stable group that holds all of them.
    fn settle(&mut self) {
        self.driver.is_disk_fast = true;
        self.driver.absorb(Effects::default());
        // Somebody new comes, so that there is a generation of this time.
        self.clients.push(Client::new(self.clients.len(), &mut self.random));
        for _ in 0..200 {
            for index in 0..self.clients.len() {
                self.proceed(index);
            }
            self.driver.advance(1_000);
        }
        assert_eq!(self.driver.state(), "Stable");
        let generation = self.clients[0].generation;
        for client in &self.clients {
            assert!(matches!(client.doing, Doing::Consuming));
            assert_eq!(client.generation, generation);
        }
        let members = self.driver.machine.describe("g", 5).members;
        assert_eq!(members.len(), self.clients.len());
    }

    fn assert_log_says_the_same(&self) {
        let mut restarted = Driver::new();
        restarted.set_time(self.driver.now.monotonic);
        restarted.load(&self.driver.log);
        let described = |driver: &Driver| driver.machine.describe("g", 6);
        assert_eq!(described(&restarted), described(&self.driver));
        self.assert_log_has_the_offsets(&restarted);
    }

    fn assert_log_has_the_offsets(&self, restarted: &Driver) {
        let all = OffsetFetchRequestGroup { group_id: "g".into(), ..Default::default() };
        let fetch = |driver: &Driver| driver.machine.fetch_offsets(&all, false);
        assert_eq!(fetch(restarted), fetch(&self.driver));
    }
}

fn run(seed: u64) {
    println!("seed {seed}");
    let mut model = Model::new(seed);
    for _ in 0..STEPS {
        model.disturb();
    }
    while !model.driver.in_flight.is_empty() {
        model.complete_append();
    }
    let mut restarted = Driver::new();
    restarted.load(&model.driver.log);
    model.assert_log_has_the_offsets(&restarted);

    model.settle();
    model.assert_log_says_the_same();

    // Everyone vanishes.
    model.driver.advance(10 * REBALANCE_MS as u64);
    assert_eq!(model.driver.state(), "Empty");
    assert_eq!(model.driver.machine.next_deadline(), None, "an empty group waits for nothing");
    model.assert_log_says_the_same();
    assert_eq!(model.driver.answers.len() as u64, model.driver.last_ticket, "all are answered");
}

#[test]
fn promises_hold_whatever_clients_and_disk_do() {
    for seed in 0..SEEDS {
        run(seed);
    }
}
