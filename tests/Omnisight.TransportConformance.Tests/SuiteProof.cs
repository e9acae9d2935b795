using System.Reflection;
using Shouldly;
using Xunit;

namespace Omnisight.TransportConformance.Tests;

/// <summary>A suite that lets a broken transport pass counts for nothing: each fault must fail the sentence that speaks of it.</summary>
public sealed class SuiteProof
{
    [Theory]
    [InlineData(Fault.SendsTwice, nameof(TransportConformanceTests.Each_message_arrives_once_and_in_order))]
    [InlineData(Fault.LosesEveryTenth, nameof(TransportConformanceTests.Each_message_arrives_once_and_in_order))]
    [InlineData(Fault.LosesEveryTenth, nameof(TransportConformanceTests.Several_senders_share_a_stream_and_nothing_is_lost_or_mixed))]
    [InlineData(Fault.SwapsNeighbours, nameof(TransportConformanceTests.Each_message_arrives_once_and_in_order))]
    [InlineData(Fault.TearsPayloads, nameof(TransportConformanceTests.Under_load_every_value_is_whole_and_none_goes_back))]
    [InlineData(Fault.TearsPayloads, nameof(TransportConformanceTests.Several_senders_share_a_stream_and_nothing_is_lost_or_mixed))]
    [InlineData(Fault.ServesOldValues, nameof(TransportConformanceTests.The_newest_value_wins_and_the_missed_ones_are_counted))]
    [InlineData(Fault.WrongEpoch, nameof(TransportConformanceTests.A_value_comes_with_its_epoch_its_sequence_and_its_time))]
    [InlineData(Fault.SequenceFromZero, nameof(TransportConformanceTests.A_value_comes_with_its_epoch_its_sequence_and_its_time))]
    [InlineData(Fault.ForgetsMissed, nameof(TransportConformanceTests.The_newest_value_wins_and_the_missed_ones_are_counted))]
    [InlineData(Fault.AdmitsSecondPublisher, nameof(TransportConformanceTests.A_second_publisher_is_refused_until_the_first_is_gone))]
    [InlineData(Fault.NeverTellsStop, nameof(TransportConformanceTests.Closing_the_publisher_is_told_and_the_last_value_stays))]
    [InlineData(Fault.SameEpochAfterRestart, nameof(TransportConformanceTests.A_restarted_writer_is_read_under_its_new_epoch))]
    [InlineData(Fault.CutsLongPayloads, nameof(TransportConformanceTests.The_largest_payload_that_the_channel_allows_arrives_whole))]
    [InlineData(Fault.ThrowsOnTooLarge, nameof(TransportConformanceTests.A_payload_that_is_too_large_is_told_and_leaves_the_channel_as_it_was))]
    [InlineData(Fault.PublishesOnDispose, nameof(TransportConformanceTests.Disposing_a_publisher_publishes_nothing))]
    [InlineData(Fault.PublishesAfterDispose, nameof(TransportConformanceTests.A_disposed_publisher_says_closed))]
    [InlineData(Fault.RejectionIsFresh, nameof(TransportConformanceTests.A_rejecting_decoder_is_reported_and_the_next_value_is_read))]
    [InlineData(Fault.RejectionMovesOn, nameof(TransportConformanceTests.A_rejecting_decoder_is_reported_and_the_next_value_is_read))]
    [InlineData(Fault.NeverWakes, nameof(TransportConformanceTests.A_waiting_reader_is_woken_by_a_value))]
    [InlineData(Fault.NeverWakes, nameof(TransportConformanceTests.A_value_that_came_before_the_wait_ends_it))]
    [InlineData(Fault.NeverWakes, nameof(TransportConformanceTests.A_wait_without_news_ends_by_itself_now_and_then))]
    [InlineData(Fault.IgnoresCancellation, nameof(TransportConformanceTests.A_wait_is_cancelled))]
    [InlineData(Fault.WaitsAfterDispose, nameof(TransportConformanceTests.A_disposed_reader_waits_no_more_and_says_closed))]
    [InlineData(Fault.ReadsAfterDispose, nameof(TransportConformanceTests.A_disposed_reader_waits_no_more_and_says_closed))]
    [InlineData(Fault.BlocksForEver, nameof(TransportConformanceTests.A_blocked_thread_is_woken_by_a_value_and_by_its_timeout))]
    [InlineData(Fault.WaitsForTheNext, nameof(TransportConformanceTests.A_message_that_was_not_read_ends_every_wait))]
    [InlineData(Fault.PublishesDroppedLoans, nameof(TransportConformanceTests.A_dropped_loan_publishes_nothing_and_its_number_is_used_again))]
    [InlineData(Fault.AdmitsSecondLoan, nameof(TransportConformanceTests.There_is_one_loan_at_a_time_and_none_larger_than_the_channel))]
    [InlineData(Fault.LeaseIsAlwaysValid, nameof(TransportConformanceTests.A_lease_shows_the_value_and_says_when_the_writer_takes_it_back))]
    [InlineData(Fault.InboxesAreShared, nameof(TransportConformanceTests.An_inbox_reaches_its_owner_and_nobody_else))]
    [InlineData(Fault.AcceptsBadAddress, nameof(TransportConformanceTests.A_bad_reply_address_is_refused))]
    [InlineData(Fault.SendsToNobody, nameof(TransportConformanceTests.A_message_to_nobody_is_told))]
    [InlineData(Fault.MixesChannels, nameof(TransportConformanceTests.Channels_do_not_mix))]
    [InlineData(Fault.ListsNothing, nameof(TransportConformanceTests.Channels_are_listed_by_whoever_looks))]
    [InlineData(Fault.Allocates, nameof(TransportConformanceTests.Publishing_and_reading_allocate_nothing))]
    [InlineData(Fault.IgnoresMessageId, nameof(TransportConformanceTests.A_channel_of_another_message_is_refused))]
    [InlineData(Fault.CountsNothing, nameof(TransportConformanceTests.Both_ends_count_values_and_bytes))]
    [InlineData(Fault.HidesInboxes, nameof(TransportConformanceTests.What_it_promises_is_what_its_traits_and_interfaces_say))]
    public async Task A_fault_fails_the_sentence_that_speaks_of_it(Fault fault, string test)
    {
        var failure = await Record.ExceptionAsync(() => Run(fault, test));

        // A broken cast or a null in the proof itself would fail the sentence too, and prove nothing.
        failure.ShouldNotBeNull($"{test} let {fault} pass");
        if (failure is not (ShouldAssertException or TimeoutException) && !(fault == Fault.ThrowsOnTooLarge && failure is ArgumentException))
        {
            throw new InvalidOperationException("the sentence failed for another reason", failure);
        }
    }

    [Fact]
    public void Every_fault_has_its_proof()
    {
        var proven = typeof(SuiteProof).GetMethod(nameof(A_fault_fails_the_sentence_that_speaks_of_it))!
            .GetCustomAttributesData().Where(a => a.AttributeType == typeof(InlineDataAttribute))
            .Select(a => (Fault)((IReadOnlyList<CustomAttributeTypedArgument>)a.ConstructorArguments[0].Value!)[0].Value!);

        Enum.GetValues<Fault>().Except(proven).ShouldBeEmpty();
    }

    private static async Task Run(Fault fault, string test)
    {
        var suite = new FaultyConformance(fault);
        try
        {
            var method = typeof(TransportConformanceTests).GetMethod(test)!;
            var arguments = method.GetParameters().Length == 1 ? new object[] { "../escape" } : [];
            try
            {
                if (method.Invoke(suite, arguments) is Task task)
                {
                    await task;
                }
            }
            catch (TargetInvocationException e)
            {
                throw e.InnerException!;
            }
        }
        finally
        {
            await suite.DisposeAsync();
        }
    }
}
