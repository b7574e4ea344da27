//! Finding jobs by their ids: buckets, each a list of jobs. They follow from the jobs, and are rebuilt after a death.
//!
//! A queue of fixed size has all of its buckets from the beginning. In one that grows, buckets are added one by one, as cells
//! come into use (linear hashing): a new one gets its jobs from one other, so that no call waits for all of them to be moved.

use super::cell::Link;
use super::id::JobId;
use super::job::Job;
use super::layout::{BUCKETS, USED_CELLS};
use super::{Queue, damaged};
use shmkit_object::error::Result;

const NEXT_OF_BUCKET: u64 = 56;

/// Returns the number of the bucket of a hash, if there are this many buckets.
fn bucket_of(hash: u64, buckets: u32) -> u32 {
    let half = 1 << buckets.ilog2();
    let number = hash as u32 & (half - 1);
    let upper = u64::from(number) + u64::from(hash as u32 & half);
    if upper < u64::from(buckets) { upper as u32 } else { number }
}

impl Queue {
    /// Returns the number of buckets in use, at least 1.
    fn buckets(&self) -> u32 {
        if self.geometry.is_elastic() {
            let last = self.membership.region.load32(BUCKETS);
            last.saturating_add(1).min(self.known_cells().max(1))
        } else {
            self.geometry.buckets
        }
    }

    /// Returns the offset of the bucket of an id.
    fn bucket(&self, id: &JobId) -> u64 {
        self.geometry.bucket_at(bucket_of(id.hash(&self.secret), self.buckets()))
    }

    /// Adds a job to the bucket of its id.
    pub(super) fn index(&self, link: Link, id: &JobId) -> Result<()> {
        let (region, bucket) = (&self.membership.region, self.bucket(id));
        region.store32(self.at(link)? + NEXT_OF_BUCKET, region.load32(bucket));
        region.store32(bucket, link);
        Ok(())
    }

    /// Removes a job from the bucket of its id.
    pub(super) fn unindex(&self, link: Link, id: &JobId) -> Result<()> {
        let region = &self.membership.region;
        let next = region.load32(self.at(link)? + NEXT_OF_BUCKET);
        let mut place = self.bucket(id);
        for _ in 0..=self.known_cells() {
            match region.load32(place) {
                0 => break,
                found if found == link => {
                    region.store32(place, next);
                    return Ok(());
                }
                found => place = self.at(found)? + NEXT_OF_BUCKET,
            }
        }
        Err(damaged())
    }

    /// Returns the job with an id.
    pub(super) fn find(&self, id: &JobId) -> Result<Option<Job<'_>>> {
        let region = &self.membership.region;
        let mut link = region.load32(self.bucket(id));
        for _ in 0..=self.known_cells() {
            if link == 0 {
                return Ok(None);
            }
            let job = Job::of(self, link)?;
            if job.id()? == *id {
                return Ok(Some(job));
            }
            link = region.load32(self.at(link)? + NEXT_OF_BUCKET);
        }
        Err(damaged())
    }

    /// Adds a bucket, if there are fewer than cells that were ever in use.
    pub(super) fn add_bucket(&self) -> Result<()> {
        let (region, buckets) = (&self.membership.region, self.buckets());
        if !self.geometry.is_elastic() || buckets >= region.load32(USED_CELLS).min(self.known_cells()) {
            return Ok(());
        }
        // Its jobs are in the bucket whose number lacks the highest bit.
        let source = self.geometry.bucket_at(buckets - (1 << buckets.ilog2()));
        let mut link = region.load32(source);
        region.store32(source, 0);
        region.store32(self.geometry.bucket_at(buckets), 0);
        region.store32(BUCKETS, buckets);
        for _ in 0..=self.known_cells() {
            if link == 0 {
                return Ok(());
            }
            let job = Job::of(self, link)?;
            let next = region.load32(self.at(link)? + NEXT_OF_BUCKET);
            self.index(link, &job.id()?)?;
            link = next;
        }
        Err(damaged())
    }

    /// Empties all buckets.
    pub(super) fn clear_index(&self) {
        let region = &self.membership.region;
        if self.geometry.is_elastic() {
            region.store32(BUCKETS, region.load32(USED_CELLS).min(self.known_cells()).saturating_sub(1));
        }
        for bucket in 0..self.buckets() {
            region.store32(self.geometry.bucket_at(bucket), 0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::bucket_of;

    #[test]
    fn hashes_move_to_the_bucket_that_is_added_or_stay() {
        for hash in (0..2000).map(|number: u64| number.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 7) {
            for buckets in 1..300 {
                let (before, after) = (bucket_of(hash, buckets), bucket_of(hash, buckets + 1));
                assert!(before < buckets, "{hash} {buckets}");
                assert!(after == before || after == buckets && before == buckets - (1 << buckets.ilog2()));
            }
        }
        assert_eq!(bucket_of(u64::MAX, 1 << 31), (1 << 31) - 1);
    }
}
