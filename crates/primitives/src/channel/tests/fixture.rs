//! A channel in memory of this process, its bytes mapped twice, and any number of simulated processes on it.

use crate::channel::file::FORMAT;
use crate::channel::layout::{self, HEAD_BYTES, Positions};
use crate::channel::{Batch, Channel, ChannelOptions, Message, Start, Subscription};
use shmkit_object::crash::{CrashPlan, arm};
use shmkit_object::lifecycle::Kind;
use shmkit_object::lock::word::LockWord;
use shmkit_object::membership::{Membership, Participant, participant_at};
use shmkit_testkit::{DeadSlots, MirroredFile, MirroredImage, superblock_for};
use std::ops::Deref;
use std::sync::Arc;
use std::time::Duration;

/// A short time for what must not be waited for.
pub(super) const SOON: Duration = Duration::from_millis(5);

/// A simulated machine: one channel, and the list of dead processes.
pub(super) struct Machine {
    file: MirroredFile,
    pub dead: DeadSlots,
}

impl Machine {
    /// Creates a machine with a channel of one page.
    pub(super) fn new() -> Machine {
        let file = MirroredFile::new(HEAD_BYTES);
        let options = ChannelOptions { size: Some(file.size()), ..ChannelOptions::default() };
        arm(CrashPlan::default());
        superblock_for(&Channel::create_params(&options).unwrap()).format(&file.region(), &FORMAT);
        Machine { file, dead: DeadSlots::default() }
    }

    /// Attaches a process whose pid is its slot.
    pub(super) fn process(&self, slot: u32) -> Arc<Channel> {
        let mut membership = Membership::attach(self.region(), &FORMAT, Box::new(self.dead.clone())).unwrap();
        membership.register(slot, slot, 0);
        let channel = Channel::new(membership, self.data(), Positions { size: self.size() });
        channel.recover_slot();
        Arc::new(channel)
    }

    /// Posts a message that must succeed.
    pub(super) fn post(&self, channel: &Channel, bytes: &[u8]) -> u64 {
        channel.post(Message { kind: 3, bytes }, Duration::from_secs(1)).unwrap()
    }

    /// Stores a lock word that names the participant last registered in a slot.
    pub(super) fn lock(&self, slot: u32) {
        let generation = self.region().load32(participant_at(slot));
        self.region().store32(layout::LOCK, LockWord::held_by(Participant { slot, generation }).0);
    }

    /// Waits until a subscriber has announced that it is about to sleep.
    pub(super) fn wait_for_a_sleeper(&self) {
        while self.region().load32(layout::EVENT) >> 31 == 0 {
            std::thread::yield_now();
        }
    }

    /// Puts an image back, with this thread alive.
    pub(super) fn restore(&self, image: &MirroredImage) {
        arm(CrashPlan::default());
        self.file.restore(image);
    }
}

impl Deref for Machine {
    type Target = MirroredFile;

    fn deref(&self) -> &MirroredFile {
        &self.file
    }
}

/// A message as a subscriber hears it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Heard {
    pub sequence: u64,
    pub missed: u64,
    pub kind: u8,
    pub bytes: Vec<u8>,
}

/// A subscription with its channel.
#[derive(Debug, Clone)]
pub(super) struct Subscriber {
    channel: Arc<Channel>,
    subscription: Subscription,
}

impl Subscriber {
    pub(super) fn of(channel: &Arc<Channel>, start: Start) -> Self {
        Subscriber { channel: Arc::clone(channel), subscription: channel.subscribe(start).unwrap() }
    }

    pub(super) fn now(channel: &Arc<Channel>) -> Self {
        Subscriber::of(channel, Start::Now)
    }

    /// Hears the same through another process.
    pub(super) fn through(&self, channel: &Arc<Channel>) -> Self {
        Subscriber { channel: Arc::clone(channel), subscription: self.subscription }
    }

    /// Returns the next messages, at most `most`.
    pub(super) fn next(&mut self, most: usize) -> Vec<Heard> {
        let mut batch = Batch::default();
        self.channel.read(&mut self.subscription, &mut batch, most).unwrap();
        let missed = |index: usize| if index == 0 { batch.missed } else { 0 };
        let heard = |(index, (kind, bytes)): (usize, (u8, &[u8]))| Heard {
            sequence: batch.first + index as u64,
            missed: missed(index),
            kind,
            bytes: bytes.to_vec(),
        };
        batch.iter().enumerate().map(heard).collect()
    }

    /// Returns all that there is to hear.
    pub(super) fn all(&mut self) -> Vec<Heard> {
        let mut heard = Vec::new();
        loop {
            let next = self.next(64);
            if next.is_empty() {
                return heard;
            }
            heard.extend(next);
        }
    }
}
