use std::collections::VecDeque;

/// What waits, in order, for one of so many places.
#[derive(Clone, Debug)]
pub(super) struct Queue<T> {
    waiting: VecDeque<T>,
    free: usize,
}

impl<T> Queue<T> {
    pub(super) fn new(places: usize) -> Self {
        Self {
            waiting: VecDeque::new(),
            free: places,
        }
    }

    pub(super) fn push(&mut self, thing: T) {
        self.waiting.push_back(thing);
    }

    /// Whose turn it is, if a place is free; takes the place. What is `stale` leaves the queue.
    pub(super) fn next(&mut self, stale: impl Fn(&T) -> bool) -> Option<T> {
        if self.free == 0 {
            return None;
        }
        while let Some(first) = self.waiting.pop_front() {
            if !stale(&first) {
                self.free -= 1;
                return Some(first);
            }
        }
        None
    }

    /// Gives a place back that was taken.
    pub(super) fn leave(&mut self) {
        self.free += 1;
    }

    pub(super) fn has_room(&self) -> bool {
        self.free > self.waiting.len()
    }

    pub(super) fn waiting(&self) -> usize {
        self.waiting.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_given_in_order_and_no_more_than_there_are() {
        let mut queue = Queue::new(2);
        (1..=5).for_each(|number| queue.push(number));
        let even = |number: &i32| number % 2 == 0;
        assert_eq!(queue.next(even), Some(1));
        assert_eq!(queue.next(even), Some(3));
        assert_eq!((queue.next(even), queue.waiting()), (None, 2));
        queue.leave();
        assert_eq!(queue.next(even), Some(5));
        queue.leave();
        assert_eq!((queue.next(even), queue.waiting()), (None, 0));
    }
}
