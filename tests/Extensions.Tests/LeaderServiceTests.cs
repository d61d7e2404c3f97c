using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Redlock.Fast.Resp;
using Redlock.Fast.Testing;

namespace Redlock.Fast.Extensions.Tests;

public sealed class LeaderServiceTests : ElectionsOnOneNode
{
    private readonly string _name = $"reports-{Guid.NewGuid():N}";
    private readonly Ledger _ledger = new();

    [Fact]
    public async Task The_next_leader_waits_for_the_end_of_the_work()
    {
        IHost first = await StartAsync();
        await Eventually.Holds(() => _ledger.Began == 1);
        await StartAsync();
        _ledger.MayEnd = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Task stopping = first.StopAsync(Token);
        await Eventually.Holds(() => _ledger.Told == 1);
        await using RespNode onlooker = RespNode.Connect(Node.Endpoint);
        Assert.Equal(1, (await onlooker.SendAsync("EXISTS", _name)).Integer);
        Assert.Equal(1, _ledger.Began);
        _ledger.MayEnd.SetResult();
        await stopping.SoonAsync();
        await Eventually.Holds(() => _ledger.Began == 2);
        Assert.Equal(1, _ledger.Most);
    }

    [Fact]
    public async Task Who_resigns_is_followed_when_its_work_has_ended()
    {
        _ledger.MayEnd = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        IHost first = await StartAsync();
        LeaderTerm term = await first.Services.GetRequiredService<ILeaderElection>().WaitForTermAsync(Token).SoonAsync();
        await Eventually.Holds(() => _ledger.Began == 1);
        IHost second = await StartAsync();
        term.Resign();
        await Eventually.Holds(() => _ledger.Told == 1);
        await using RespNode onlooker = RespNode.Connect(Node.Endpoint);
        Assert.False(term.IsHeld);
        Assert.Equal(1, (await onlooker.SendAsync("EXISTS", _name)).Integer);
        Assert.False(second.Services.GetRequiredService<ILeaderElection>().IsLeader);
        Assert.Equal(1, _ledger.Began);
        _ledger.MayEnd.SetResult();
        await Eventually.Holds(() => _ledger.Began == 2);
        Assert.Equal(1, _ledger.Most);
    }

    [Fact]
    public async Task Work_that_fails_ends_the_term_and_not_the_service()
    {
        using RecordedLog log = new();
        _ledger.Failures = 1;
        await StartAsync(log);
        await Eventually.Holds(() => _ledger.Began == 2);
        Assert.Contains("the leader's work failed", Assert.Single(log.Entries, IsError).Text, StringComparison.Ordinal);
        static bool IsError((EventId Id, LogLevel Level, string Text) entry) => entry.Level == LogLevel.Error;
    }

    [Fact]
    public async Task Work_that_is_done_is_not_done_again_and_the_instance_goes_on_leading()
    {
        _ledger.EndsAtOnce = true;
        IHost host = await StartAsync();
        await Eventually.Holds(() => _ledger.Ended == 1);
        ILeaderElection election = host.Services.GetRequiredService<ILeaderElection>();
        LeaderTerm term = await election.WaitForTermAsync(Token).SoonAsync();
        Assert.True(term.IsHeld);
        term.Resign();
        await Eventually.Holds(() => _ledger.Began == 2);
    }

    [Fact]
    public async Task Leaders_are_counted()
    {
        long leading = 0;
        List<string> ends = [];
        using MeterListener meters = new();
        meters.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name == RedlockExtensionsTelemetry.MeterName)
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        meters.SetMeasurementEventCallback<int>((_, change, tags, _) => Interlocked.Add(ref leading, IsMine(tags) ? change : 0));
        meters.SetMeasurementEventCallback<long>((_, _, tags, _) =>
        {
            if (IsMine(tags))
            {
                ends.Add((string)tags[1].Value!);
            }
        });
        meters.Start();
        IHost host = await StartAsync();
        await Eventually.Holds(() => _ledger.Began == 1);
        Assert.Equal(1, leading);
        await host.StopAsync(Token);
        Assert.Equal(0, leading);
        Assert.Equal(["stopped"], ends);
    }

    private bool IsMine(ReadOnlySpan<KeyValuePair<string, object?>> tags) => (string?)tags[0].Value == _name;

    private async Task<IHost> StartAsync(RecordedLog? log = null)
    {
        IHost host = Build(
            services => services
                .AddSingleton(_ledger)
                .AddRedlock(options =>
                {
                    options.Nodes.Add(Node.Endpoint);
                    options.Defaults.Delay = TimeSpan.FromMilliseconds(60);
                })
                .AddLeaderElection(_name)
                .AddHostedService<Reports>(),
            log);
        await host.StartAsync(Token);
        return host;
    }

    private sealed class Ledger
    {
        private int _inside;

        public int Began { get; private set; }

        public int Told { get; private set; }

        public int Ended { get; private set; }

        public int Most { get; private set; }

        public int Failures { get; set; }

        public bool EndsAtOnce { get; set; }

        public TaskCompletionSource? MayEnd { get; set; }

        public void Begin()
        {
            Began++;
            Most = Math.Max(Most, Interlocked.Increment(ref _inside));
        }

        public void Tell() => Told++;

        public void End()
        {
            Ended++;
            Interlocked.Decrement(ref _inside);
        }
    }

    private sealed class Reports(ILeaderElection election, Ledger ledger) : LeaderService(election)
    {
        protected override async Task ExecuteAsLeaderAsync(LeaderTerm term, CancellationToken lost)
        {
            ledger.Begin();
            try
            {
                if (ledger.Failures-- > 0)
                {
                    throw new InvalidOperationException("the work's own fault");
                }

                if (!ledger.EndsAtOnce)
                {
                    await Task.Delay(Timeout.InfiniteTimeSpan, lost).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                    ledger.Tell();
                    await (ledger.MayEnd?.Task ?? Task.CompletedTask);
                }
            }
            finally
            {
                ledger.End();
            }
        }
    }
}
