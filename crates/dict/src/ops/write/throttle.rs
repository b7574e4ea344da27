//! Rate limits: `throttle` decides and takes in one atomic step, by the generic cell rate algorithm (GCRA).
//!
//! The stored number is the theoretical arrival time: the boot-clock time at which all of the burst is available again.
//! It is the entry's deadline as well, so an entry without anything to remember expires by itself.

use super::in_place::{change_in_place, change_plain};
use super::set::WritePrecondition;
use crate::entry::Cells;
use crate::entry::write::EntryDraft;
use crate::layout::hash::KeyHash;
use crate::layout::statistics::Statistic;
use crate::ops::Dict;
use crate::ops::space::make_space::MakeSpace;
use crate::value::{Key, RateLimit, ThrottleDecision, Value, ValueKind};
use shmkit_object::error::{Error, Result};

/// A decision and, if something was taken, the arrival time to store.
type Step = (ThrottleDecision, Option<u64>);

impl RateLimit {
    /// Decides at `now`, for a key with this arrival time.
    fn decide(&self, arrival: u64, now: u64) -> Result<Step> {
        let start = arrival.max(now);
        let (wide_limit, window) = (u128::from(self.limit), u128::from(self.window));
        let burst = u128::from(self.burst) * window;
        let cost = u128::from(self.cost) * window;
        let used = u128::from(start - now) * wide_limit;
        let is_allowed = used + cost <= burst;
        let next = if is_allowed && self.cost > 0 { self.after(start)? } else { start };
        let used = u128::from(next - now) * wide_limit;
        let decision = ThrottleDecision {
            is_allowed,
            remaining: (burst.saturating_sub(used) / window) as u64,
            retry_after: if is_allowed { 0 } else { self.retry_after(start, now, burst, cost) },
            reset_after: next - now,
        };
        Ok((decision, (is_allowed && self.cost > 0).then_some(next)))
    }

    /// Returns the arrival time after taking the cost at `start`.
    fn after(&self, start: u64) -> Result<u64> {
        let step = u128::from(self.cost) * u128::from(self.window) / u128::from(self.limit);
        let next = u128::from(start) + step.max(1);
        i64::try_from(next).map(i64::unsigned_abs).map_err(|_| {
            Error::Overflow(
                "the limiter's time is outside of the int64 range; choose a smaller burst or window",
            )
        })
    }

    /// Returns the nanoseconds until the cost is available: from then on, `(start - now) * limit + cost <= burst`.
    fn retry_after(&self, start: u64, now: u64, burst: u128, cost: u128) -> u64 {
        let most = burst.saturating_sub(cost) / u128::from(self.limit);
        u64::try_from(most).map_or(0, |most| (start - now).saturating_sub(most))
    }
}

/// Returns the stored arrival time. A negative one is of the past, like 0.
fn arrival_of(kind: ValueKind, scalar: u64) -> Result<u64> {
    match kind {
        ValueKind::BigInt => Ok((scalar as i64).max(0).unsigned_abs()),
        _ => Err(Error::WrongType("throttle needs a key of its own: the value is not a bigint")),
    }
}

impl Dict {
    /// Takes `cost` from the key's limiter if that much is available, and returns the decision. A refused call, and one
    /// without a cost, changes nothing. O(1).
    ///
    /// # Errors
    /// [`Error::WrongType`] on any value but a bigint, [`Error::Overflow`] if the arrival time does not fit (the value is
    /// unchanged), and those of `set`.
    pub fn throttle(&self, key: Key<'_>, limit: &RateLimit) -> Result<ThrottleDecision> {
        if !self.is_fixed() {
            return self.throttle_growing(key, limit);
        }
        self.throttle_sized::<false>(key, limit)
    }

    // Out of line: what has a fixed size pays for the branch alone.
    #[inline(never)]
    fn throttle_growing(&self, key: Key<'_>, limit: &RateLimit) -> Result<ThrottleDecision> {
        self.throttle_sized::<true>(key, limit)
    }

    #[inline(always)]
    fn throttle_sized<const GROWS: bool>(&self, key: Key<'_>, limit: &RateLimit) -> Result<ThrottleDecision> {
        let hash = self.hash(key);
        {
            let guard = self.lock_sized::<GROWS>(hash)?;
            if let Some((slot, entry)) = guard.find_plain::<GROWS>(key, hash, guard.epoch().tag())
                && guard.segment.known_page_of(slot.word.block()).is_some()
                && entry.has_deadline()
            {
                let now = self.segment.clock.now();
                if entry.deadline == 0 || entry.deadline > now {
                    let (decision, next) = limit.decide(arrival_of(entry.kind(), entry.scalar())?, now)?;
                    if let Some(next) = next {
                        guard.break_leases(hash);
                        change_plain(&guard, key, &entry, next, next);
                        self.count(Statistic::Sets, 1);
                    }
                    return Ok(decision);
                }
            }
        }
        self.throttle_slow(key, hash, limit)
    }

    /// Like `throttle`, for entries of any form and for missing keys.
    // Cold, so that the fast path before it keeps its registers.
    #[cold]
    #[inline(never)]
    fn throttle_slow(&self, key: Key<'_>, hash: KeyHash, limit: &RateLimit) -> Result<ThrottleDecision> {
        let (mut scratch, mut make_space) = (Vec::new(), MakeSpace::default());
        loop {
            let guard = self.lock_for(hash)?;
            let found = guard.find(key, hash, &mut scratch);
            let live = found.entry.as_ref().filter(|(_, entry)| self.is_live(entry, guard.epoch()));
            let arrival = match live {
                Some((_, entry)) => arrival_of(entry.header.kind, entry.cells.scalar)?,
                None => 0,
            };
            let (decision, next) = limit.decide(arrival, self.segment.clock.now())?;
            let Some(next) = next else { return Ok(decision) };
            if let Some((slot, entry)) = live
                && entry.shape.has_deadline()
            {
                guard.break_leases(hash);
                let cells = Cells { scalar: next, deadline: next, ..entry.cells };
                change_in_place(&guard, key, slot.word.block(), entry, &cells);
                self.count(Statistic::Sets, 1);
                return Ok(decision);
            }
            let value = Value::bigint(next as i64);
            let draft = EntryDraft::new(key, value, next, guard.epoch().tag());
            let Err(needed) =
                self.try_publish(&guard, hash, &found, &draft, WritePrecondition::NONE, &mut make_space)
            else {
                self.count(Statistic::Sets, 1);
                self.double_if_full(guard, &found);
                return Ok(decision);
            };
            let protect = found.entry.map(|(slot, _)| slot.position);
            make_space.advance(self, guard, (key, hash), &needed, protect)?;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: u64 = 1_000_000_000;
    const TEN_A_SECOND: RateLimit = RateLimit { limit: 10, window: SECOND, burst: 10, cost: 1 };

    #[test]
    fn a_fresh_limiter_allows_the_burst_and_then_one_per_interval() {
        let (mut arrival, now) = (0, 5 * SECOND);
        for taken in 1..=10 {
            let (decision, next) = TEN_A_SECOND.decide(arrival, now).unwrap();
            assert_eq!((decision.is_allowed, decision.remaining), (true, 10 - taken));
            arrival = next.unwrap();
        }
        let (refused, next) = TEN_A_SECOND.decide(arrival, now).unwrap();
        assert_eq!((refused.is_allowed, refused.remaining, next), (false, 0, None));
        assert_eq!((refused.retry_after, refused.reset_after), (SECOND / 10, SECOND));
        assert!(!TEN_A_SECOND.decide(arrival, now + SECOND / 10 - 1).unwrap().0.is_allowed);
        assert!(TEN_A_SECOND.decide(arrival, now + SECOND / 10).unwrap().0.is_allowed);
    }

    #[test]
    fn retry_after_is_the_first_nanosecond_at_which_the_cost_is_available() {
        for limit in [1, 3, 7, 999] {
            let rate = RateLimit { limit, window: SECOND + 1, burst: 5, cost: 2 };
            let (mut arrival, now) = (0, 77);
            while let (_, Some(next)) = rate.decide(arrival, now).unwrap() {
                arrival = next;
            }
            let wait = rate.decide(arrival, now).unwrap().0.retry_after;
            assert!(!rate.decide(arrival, now + wait - 1).unwrap().0.is_allowed, "limit {limit}");
            assert!(rate.decide(arrival, now + wait).unwrap().0.is_allowed, "limit {limit}");
        }
    }

    #[test]
    fn the_largest_arguments_neither_overflow_nor_wrap() {
        let safe = (1 << 53) - 1;
        let year = 31_536_000 * SECOND;
        let rate = RateLimit { limit: 1, window: year, burst: safe, cost: safe };
        assert!(matches!(rate.decide(0, 1), Err(Error::Overflow(_))));
        assert!(!rate.decide(i64::MAX as u64, 1).unwrap().0.is_allowed);
        let look = RateLimit { cost: 0, ..rate };
        assert!(look.decide(i64::MAX as u64, 1).unwrap().1.is_none());
    }
}
