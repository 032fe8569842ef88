//! Pages for those who work on `kf`. What a layer promises stands at the layer:
//! [`storage`](crate::storage) and [`coordinator::group`](crate::coordinator::group) have pages of
//! their own.

#[doc = include_str!("architecture.md")]
pub mod architecture {}

#[doc = include_str!("decisions.md")]
pub mod decisions {}

#[doc = include_str!("changelog.md")]
pub mod changelog {}
