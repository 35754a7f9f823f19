//! Where a task stands in the order that its user gives. Pure, like `task.rs`.
//!
//! A position is a text, compared byte by byte, and between two of them there is always another: moving a task changes that task
//! alone. A task that was never moved stands where its id does, which is a UUIDv7 and in the same alphabet: in the order in which
//! tasks were made, the newest last.

use uuid::Uuid;

/// The digits of a position, in the order of their bytes. They are all that the text of an id has, and more.
const DIGITS: &[u8; 37] = b"-0123456789abcdefghijklmnopqrstuvwxyz";

/// Longer ones are not kept: the user's tasks are numbered anew instead.
pub const LONGEST: usize = 64;

/// A place that nothing has yet.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position(String);

impl Position {
    /// After the one and before the other, which comes later. Neither may end with the lowest digit, as nothing fits before such
    /// a one; ids do not (they end with a hexadecimal digit), and what this gives does not either.
    pub fn between(one: &str, other: &str) -> Self {
        Self::found(one.as_bytes(), Some(other.as_bytes()))
    }

    fn found(one: &[u8], mut other: Option<&[u8]>) -> Self {
        let mut place = String::new();
        for at in 0.. {
            let low = one.get(at).map_or(0, |byte| value(*byte));
            let high = other.and_then(|other| other.get(at));
            let high = high.map_or(DIGITS.len(), |byte| value(*byte));
            if high > low + 1 {
                place.push(char::from(DIGITS[(low + high) / 2]));
                break;
            }
            if high != low {
                // Whatever comes after this digit is before the other.
                other = None;
            }
            place.push(char::from(DIGITS[low]));
        }
        Self(place)
    }

    /// Before that one and after nothing.
    pub fn before(first: &str) -> Self {
        Self::between("", first)
    }

    /// After the last one: where a task would stand that is made now, so that those made later come after it.
    pub fn after(last: &str) -> Self {
        let now = Uuid::now_v7().to_string();
        match now.as_str() > last {
            true => Self(now),
            false => Self::found(last.as_bytes(), None),
        }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub fn is_too_long(&self) -> bool {
        self.0.len() > LONGEST
    }
}

fn value(digit: u8) -> usize {
    // What is no digit is not in the database, which checks it; it would count as the lowest.
    DIGITS
        .iter()
        .position(|known| *known == digit)
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn between_any_two_there_is_another() {
        let mut places = vec![Uuid::now_v7().to_string(), Uuid::now_v7().to_string()];
        let mut chance: u64 = 20_261_128;
        for _ in 0..2_000 {
            chance = chance
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            let at = (chance >> 33) as usize % (places.len() + 1);
            let place = match (at.checked_sub(1), places.get(at)) {
                (None, Some(first)) => Position::before(first),
                (Some(last), None) => Position::after(&places[last]),
                (Some(one), Some(other)) => Position::between(&places[one], other),
                (None, None) => unreachable!("there are some"),
            };
            places.insert(at, place.0);
            assert!(places.is_sorted(), "{at}");
        }
        places.dedup();
        assert_eq!(places.len(), 2_002);
        assert!(places.iter().all(|place| !place.ends_with('-')));
    }

    #[test]
    fn at_one_and_the_same_place_there_is_room_for_hundreds() {
        let (one, other) = (Uuid::now_v7().to_string(), Uuid::now_v7().to_string());
        let mut last = other;
        let mut moved = 0;
        loop {
            let place = Position::between(&one, &last);
            if place.is_too_long() {
                break;
            }
            last = place.0;
            moved += 1;
        }
        assert!(moved > 100, "{moved}");
    }

    #[test]
    fn who_is_moved_to_the_end_comes_before_what_is_made_later() {
        let moved = Position::after(&Uuid::now_v7().to_string());
        std::thread::sleep(std::time::Duration::from_millis(2));
        assert!(*moved.as_str() < *Uuid::now_v7().to_string());
        // The clock may have been set back since.
        let last = "fffff";
        assert!(Position::after(last).as_str() > last);
        assert!(Position::after("zzzzzzzzz").as_str() > "zzzzzzzzz");
    }
}
