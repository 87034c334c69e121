//! What every store must do, whatever database is behind it.
//!
//! The cases speak only the verbs of [`Store`], a clock that they move and crashes; each names one
//! sentence of the trait's contract. A store runs them all by naming its [`Bench`] in
//! `conformance!`.

pub(super) mod claiming;
pub(super) mod clicks;
pub(super) mod concluding;
pub(super) mod keeping;
pub(super) mod leasing;
pub(super) mod model;
pub(super) mod ordering;
pub(super) mod parking;
pub(super) mod recording;
pub(super) mod rejecting;
pub(super) mod remapping;
pub(super) mod samples;
pub(super) mod unsending;

use super::Store;
use crate::clock::Manual;
use crate::model::Timestamp;
use std::future::Future;

/// When every test begins.
pub(super) const START: Timestamp = Timestamp::from_millis(1_767_225_600_000);

/// An empty store with a clock that stands at [`START`].
pub(super) trait Bench: Sized {
    type Store: Store;

    fn open() -> impl Future<Output = Self>;

    fn store(&self) -> &Self::Store;

    fn clock(&self) -> &Manual;

    /// The process dies without closing anything, and another one opens what is on disk.
    fn crash(&mut self) -> impl Future<Output = ()>;

    /// Closes the store and looks for damage that no verb shows.
    fn inspect(self) -> impl Future<Output = ()>;
}

/// Runs every case on the given bench, each as a test of its own.
macro_rules! conformance {
    ($bench:ty) => {
        $crate::store::conformance::conformance! { @of $bench;
            recording {
                a_new_event_is_kept_as_it_came
                a_known_event_is_kept_once
                the_same_event_twice_in_one_recording_is_known
                an_event_is_its_source_type_and_id
                without_an_id_the_bytes_are_known_for_seven_days
                what_a_mapping_could_do_better_is_stale
                what_became_a_lead_is_not_stale
                a_batch_is_kept_with_its_request
                a_part_of_a_body_is_kept_with_its_request
                an_unreadable_event_is_kept_with_its_fault
                what_was_answered_survives_a_crash
                recordings_that_come_together_are_all_kept
            }
            remapping {
                what_made_no_lead_is_replaced
                an_ignored_event_is_mapped_again
                an_unreadable_event_is_mapped_again
                the_event_itself_never_changes
                an_event_that_has_moved_on_is_left_alone
                a_rule_that_made_a_lead_keeps_it
                what_the_new_mapping_ignores_can_be_mapped_again
                every_delivery_keeps_the_version_of_its_mapping
            }
            claiming {
                the_oldest_due_come_first_and_no_more_than_asked_for
                what_is_due_later_is_told_and_not_claimed
                destinations_do_not_mix
                a_claim_carries_what_an_attempt_needs
                nothing_is_claimed_twice
            }
            leasing {
                a_recording_leases_as_many_as_asked_for
                a_recording_leases_only_what_may_go
                an_expired_lease_makes_the_delivery_due_again
                a_lease_holds_until_its_end
                a_crash_gives_the_work_back
                what_is_given_back_is_due_at_once_and_was_never_tried
                giving_back_needs_the_token
            }
            ordering {
                one_of_a_pair_goes_at_a_time
                a_pair_is_a_customer_and_a_name_at_a_destination
                whatever_ends_a_lease_lets_the_next_of_the_pair_go
                without_a_click_it_waits_for_earlier_ones
                without_a_click_it_does_not_wait_for_later_ones_or_others
                with_a_click_it_goes_freely
                one_that_waits_for_its_customer_does_not_hold_its_pair
                many_that_wait_neither_starve_others_nor_get_lost
            }
            concluding {
                a_final_state_is_kept_with_its_reason
                another_try_is_due_when_it_says
                a_try_that_was_not_at_fault_does_not_count
                a_late_conclusion_changes_no_state
                a_late_conclusion_is_history
                a_late_recording_wins
                a_late_recording_wins_over_a_lease
                a_conclusion_counts_once
                a_next_state_that_is_none_is_refused
                the_history_of_a_pair_is_that_of_all_its_deliveries
                a_mark_is_history_for_seven_days
                a_recording_is_history_for_seven_days
                what_the_destination_may_have_forgotten_is_told
            }
            unsending {
                what_is_recorded_is_not_sent_again
                what_is_not_recorded_is_sent_again
                what_was_recorded_meanwhile_is_not_claimed
                once_for_a_time_is_counted_from_the_last_recording
                once_per_event_sends_the_pair_again
                the_same_event_and_rule_are_never_sent_again
                the_ledger_is_of_one_destination
                a_late_recording_is_in_the_ledger
            }
            parking {
                a_lead_without_its_click_id_is_parked
                a_click_that_comes_later_makes_it_due
                a_click_that_came_before_makes_it_due_at_once
                both_orders_hold_within_one_recording
                the_bytes_are_those_of_the_click_that_made_it_due
                a_click_is_of_one_customer_at_every_destination
                what_a_lead_says_of_itself_outlives_the_wait
                what_is_parked_holds_up_nobody
                what_is_due_again_has_its_place
                what_the_ledger_has_is_not_parked
                what_the_ledger_has_by_then_is_not_sent
                more_than_one_write_makes_due_are_all_made_due
                what_is_parked_is_not_stale
                what_is_parked_survives_a_crash
            }
            clicks {
                the_newest_click_wins
                a_known_event_tells_nothing_again
                a_click_is_remembered_for_thirty_days
                an_event_mapped_again_tells_its_click
                an_event_mapped_again_tells_nothing_newer_than_itself
                an_unreadable_event_mapped_again_may_only_tell
                after_thirty_days_nothing_is_parked
                what_waited_in_vain_can_be_mapped_again
                no_more_expires_than_asked_for
                clicks_survive_a_crash
            }
            keeping {
                retention_removes_old_events_whose_deliveries_are_final
                retention_removes_no_more_than_asked_for
                what_was_removed_is_known_for_good
                expired_keys_are_removed
                young_attempts_keep_their_event
                batches_go_when_their_last_event_does
                the_newest_events_come_first
                sources_are_known_for_good
                the_mapping_noted_last_is_the_last_good_one
                a_store_that_can_write_says_so
                a_closed_store_says_so
            }
            rejecting {
                a_refused_request_is_kept_as_it_came
                the_oldest_of_a_source_give_way
                what_no_ring_can_hold_is_kept_without_its_body
                the_newest_rejections_come_first
                what_was_admitted_says_what_it_became
                retention_removes_old_rejections
            }
            model {
                random_histories_keep_the_invariants
            }
        }
    };
    (@of $bench:ty; $($module:ident { $($case:ident)* })*) => {
        $(mod $module {
            #[allow(unused_imports, reason = "the bench may be named with its path")]
            use super::*;
            $(#[tokio::test]
            async fn $case() {
                let mut bench = <$bench as $crate::store::conformance::Bench>::open().await;
                $crate::store::conformance::$module::$case(&mut bench).await;
                $crate::store::conformance::Bench::inspect(bench).await;
            })*
        })*
    };
}

pub(super) use conformance;
