//! Objects that JavaScript knows by number.

/// Values under numbers from 1. The numbers of removed values are reused.
#[derive(Debug)]
pub struct Slots<T> {
    places: Vec<Option<T>>,
    free: Vec<u32>,
}

impl<T> Default for Slots<T> {
    fn default() -> Self {
        Slots { places: Vec::new(), free: Vec::new() }
    }
}

impl<T> Slots<T> {
    /// Adds `value` and returns its number, which is never 0.
    pub fn insert(&mut self, value: T) -> u32 {
        if let Some(number) = self.free.pop() {
            self.places[number as usize - 1] = Some(value);
            return number;
        }
        self.places.push(Some(value));
        u32::try_from(self.places.len()).expect("fewer than 2^32 of anything fit in memory")
    }

    /// Returns the value under `number`.
    #[inline]
    pub fn get_mut(&mut self, number: u32) -> Option<&mut T> {
        self.places.get_mut((number as usize).wrapping_sub(1))?.as_mut()
    }

    /// Removes and returns the value under `number`.
    pub fn remove(&mut self, number: u32) -> Option<T> {
        let value = self.places.get_mut((number as usize).wrapping_sub(1))?.take()?;
        self.free.push(number);
        Some(value)
    }

    /// Returns whether there is no value.
    pub fn is_empty(&self) -> bool {
        self.places.len() == self.free.len()
    }

    /// Returns all values.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = &mut T> {
        self.places.iter_mut().flatten()
    }
}
