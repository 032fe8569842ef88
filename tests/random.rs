//! Random choices that can be repeated: all come from one seed.

/// A stream of numbers that looks random and follows from its seed (SplitMix64).
pub(crate) struct Random(u64);

impl Random {
    /// The stream of the seed in `KF_SEED`, or of a fixed one; printed, so that a failure can be
    /// repeated.
    pub(crate) fn from_environment() -> Self {
        let seed = match std::env::var("KF_SEED") {
            Ok(seed) => seed.parse().expect("KF_SEED is a number"),
            Err(_) => 42,
        };
        println!("KF_SEED={seed}");
        Self::new(seed)
    }

    /// The stream of a seed.
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// Any number.
    pub(crate) fn number(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `bound`, which is at least 1.
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        (self.number() % bound as u64) as usize
    }

    /// True once in `every` times.
    pub(crate) fn one_in(&mut self, every: usize) -> bool {
        self.below(every) == 0
    }

    /// One of `choices`, of which there is at least one.
    pub(crate) fn pick<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.below(choices.len())]
    }

    /// That many random bytes.
    pub(crate) fn bytes(&mut self, length: usize) -> Vec<u8> {
        (0..length).map(|_| self.number() as u8).collect()
    }
}
