using System.Text.RegularExpressions;
using Posthouse.Tests.House;

namespace Posthouse.Tests.Vcs;

/// <summary>What went wrong in programs of this kind before, each with the test that would see it here. A test that is renamed takes its row along.</summary>
public sealed partial class CoveredCasesTests
{
    [Theory]
    [InlineData("Of 200 pairs who race for a lock one wins", "LockRaceTests", "Exactly_one_of_those_who_race_for_a_register_wins_it")]
    [InlineData("A fenced push against a break", "LockRaceTests", "A_fenced_push_and_a_break_never_both_succeed_and_the_branch_never_moves_after_the_lock_was_lost")]
    [InlineData("The answer to a lock's push is lost", "GitRefLockStoreTests", "A_lost_answer_is_looked_up_and_becomes_a_success")]
    [InlineData("The answer to a branch's push is lost", "PushTests", "A_lost_answer_is_looked_up_and_counts_as_done")]
    [InlineData("Two records without a difference", "LockRaceTests", "Two_records_that_differ_in_nothing_but_the_operation_are_not_taken_for_one")]
    [InlineData("A lock file that a dead process left on the server", "GitRefLockStoreTests", "A_lock_file_that_a_killed_push_left_behind_is_contention_and_no_lost_race")]
    [InlineData("A takeover from a writer two hours off", "LockTimeTests", "An_expired_lock_of_a_writer_whose_clock_is_off_is_taken_over_when_both_rules_hold")]
    [InlineData("A reader two hours off", "LockTimeTests", "A_reader_whose_clock_is_two_hours_off_does_not_kill_a_lock_that_is_renewed")]
    [InlineData("A renewal after a takeover", "LockTransitionTests", "A_renewal_after_a_takeover_finds_the_lock_lost_and_never_takes_it_back")]
    [InlineData("A release after a break", "LockTransitionTests", "A_release_and_a_renewal_after_a_break_say_that_the_lock_was_lost")]
    [InlineData("A release when a third person holds it", "LockTransitionTests", "A_release_never_touches_the_lock_that_a_third_person_holds_now")]
    [InlineData("A queued acquire and a new holder", "LateAcquireTests", "A_queued_acquire_that_finds_a_new_holder_fails_holds_the_push_behind_it_and_is_not_tried_again_by_itself")]
    [InlineData("A release behind a push", "OperationOrderTests", "A_release_waits_for_every_earlier_push_and_exchange_of_comments")]
    [InlineData("Acquire, push and release are three", "OperationOrderTests", "With_a_push_between_acquire_push_and_release_are_all_kept")]
    [InlineData("Two syncs at once", "SyncCrashTests", "Two_syncs_at_once_share_the_work")]
    [InlineData("kill -9 in each phase of a sync", "SyncCrashTests", "A_sync_that_dies_is_finished_by_the_next_and_nothing_is_done_twice")]
    [InlineData("A store that is torn or empty", "QueueLookTests", "A_damaged_store_is_reported_and_left_alone")]
    [InlineData("Entries of another program", "SyncPlaceTests", "Files_of_an_older_program_are_read")]
    [InlineData("A sync in another folder", "SyncPlaceTests", "A_sync_in_another_folder_works_on_the_project_that_was_meant")]
    [InlineData("A project that moved", "SyncPlaceTests", "A_project_that_was_moved_is_found_when_the_sync_is_run_in_it")]
    [InlineData("A clone that was moved or copied", "CloneIdTests", "A_moved_clone_keeps_its_id_and_a_copy_gets_its_own")]
    [InlineData("Retry-After as a date", "CurlTraceTests", "A_date_in_Retry_After_counts_from_the_servers_own_time")]
    [InlineData("Retry-After in seconds, and 429 503 401 403 404 408 409 500", "GitRefLockStoreTests", "Statuses_of_a_real_exchange_are_told_apart_with_the_time_that_was_asked_for")]
    [InlineData("Every status by itself", "GitFailuresTests", "A_status_of_the_trace_decides_and_so_does_gits_sentence_about_it")]
    [InlineData("Digits and the word network inside names", "GitFailuresTests", "Numbers_and_words_inside_names_decide_nothing")]
    [InlineData("No Git", "GitProgramTests", "A_machine_without_Git_is_told_so_and_what_to_do")]
    [InlineData("No terminal", "GitProgramTests", "Where_nobody_signs_in_the_call_fails_at_once_instead_of_asking")]
    [InlineData("NO_COLOR and pipes", "LockVerbTests", "Without_colours_and_terminal_no_escape_is_written")]
    [InlineData("JSON of what fails", "LockVerbTests", "What_cannot_be_is_one_document_with_a_code")]
    [InlineData("A remote with blanks and accents", "LockTracesTests", "An_address_with_spaces_and_accents_works_over_HTTP_too")]
    [InlineData("A clock that jumps", "LockTimeTests", "A_wall_clock_that_jumps_ahead_permits_no_takeover_for_the_sight_counts_both_clocks")]
    [InlineData("Standby", "LockTimeTests", "Standby_counts_against_a_lease_although_no_timer_ran")]
    [InlineData("Standby of a heartbeat", "HeartbeatLoopTests", "After_a_standby_it_looks_at_once_and_leaves_alone_what_was_taken_over")]
    [InlineData("A full disk", "SyncPlaceTests", "A_full_disk_is_an_error_and_nothing_that_could_pass_for_queued")]
    [InlineData("The link is down, the operation waits", "LinkDownTests", "Test_Offline_Queue")]
    [InlineData("The link comes back between tries", "LinkDownTests", "Test_Auto_Retry")]
    [InlineData("What waits goes before the next command", "LinkDownTests", "Test_Auto_Sync")]
    [InlineData("A large push that is cut three times", "CutPushTests", "A_push_of_many_files_that_is_cut_three_times_sends_at_most_a_quarter_more")]
    public void Each_case_has_its_test(string @case, string @class, string test)
    {
        var file = Tree.Read(path => path.StartsWith("tests/", StringComparison.Ordinal) && path.EndsWith($"/{@class}.cs", StringComparison.Ordinal))
            .Single(file => file.Text.Contains($" {test}(", StringComparison.Ordinal));
        var name = file.Text.IndexOf($" {test}(", StringComparison.Ordinal);
        var begin = file.Text.LastIndexOf("\n\n", name, StringComparison.Ordinal);
        var end = file.Text.IndexOf("\n\n    [", name, StringComparison.Ordinal);
        var text = file.Text[begin..(end < 0 ? file.Text.Length : end)];

        (text.Contains("[Fact]", StringComparison.Ordinal) || text.Contains("[Theory]", StringComparison.Ordinal)).ShouldBeTrue($"{@case}: {test} is run");
        // By itself, or by a method that it calls.
        var called = Call().Matches(text).Select(call => $" {call.Groups[1].Value}(").ToList();
        (text.Contains("Should", StringComparison.Ordinal)
            || file.Text.Split("\n\n").Any(part => part.Contains("Should", StringComparison.Ordinal) && called.Any(call => part.Contains(call, StringComparison.Ordinal)))).ShouldBeTrue($"{@case}: {test} asserts");
        (file.Text.Contains("Assert.Skip", StringComparison.Ordinal) || file.Text.Contains("Skip = ", StringComparison.Ordinal)).ShouldBeFalse($"{@case}: nothing of {@class} is skipped");
    }

    [GeneratedRegex(@"\b(\w+)\(")]
    private static partial Regex Call();
}
