using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Redlock.Fast.Testing;

namespace Redlock.Fast.Extensions.Tests;

/// <summary>Elections where nodes, clocks, names and hosts do not do as they should.</summary>
public sealed class LeaderFaultTests : ElectionsOnOneNode
{
    [Fact]
    public async Task Nodes_that_are_away_at_the_start_hold_up_no_host_and_are_waited_for()
    {
        Node.Stop();
        IHost host = Build();
        await host.StartAsync(Token).SoonAsync();
        Task<LeaderTerm> waiting = ElectionOf(host).WaitForTermAsync(Token);
        Assert.False(waiting.IsCompleted || ElectionOf(host).IsLeader);
        Node.Restart(NodeData.Lose);
        Assert.True((await waiting.SoonAsync()).IsHeld);
    }

    [Fact]
    public async Task A_host_stops_though_no_node_is_there_to_compete_on()
    {
        Node.Stop();
        IHost host = Build();
        await host.StartAsync(Token).SoonAsync();
        await host.StopAsync(Token).SoonAsync();
        Assert.False(ElectionOf(host).IsLeader);
    }

    [Fact]
    public async Task A_leader_stops_though_its_node_does_not_answer_any_more()
    {
        IHost host = Build();
        await host.StartAsync(Token);
        LeaderTerm term = await ElectionOf(host).WaitForTermAsync(Token).SoonAsync();
        Node.Faults.Stall();
        await host.StopAsync(Token).SoonAsync();
        Assert.False(term.IsHeld);
        Node.Faults.Resume();
    }

    [Fact]
    public async Task Who_stops_while_he_waits_leaves_the_line_to_the_next()
    {
        IHost leader = Build();
        await leader.StartAsync(Token);
        await ElectionOf(leader).WaitForTermAsync(Token).SoonAsync();
        IHost goes = Build();
        IHost stays = Build();
        await goes.StartAsync(Token);
        await stays.StartAsync(Token);
        Task<LeaderTerm> gone = ElectionOf(goes).WaitForTermAsync(Token);
        Task<LeaderTerm> waiting = ElectionOf(stays).WaitForTermAsync(Token);
        await goes.StopAsync(Token).SoonAsync();
        await leader.StopAsync(Token).SoonAsync();
        Assert.True((await waiting.SoonAsync()).IsHeld);
        Assert.False(gone.IsCompleted);
    }

    [Fact]
    public async Task A_name_of_64_kib_is_led_and_a_longer_one_is_told_at_the_start()
    {
        IHost host = Build(name: new string('x', 64 * 1024));
        await host.StartAsync(Token);
        await ElectionOf(host).WaitForTermAsync(Token).SoonAsync();
        IHost tooLong = Build(name: new string('x', (64 * 1024) + 1));
        ArgumentException refused = await Assert.ThrowsAnyAsync<ArgumentException>(() => tooLong.StartAsync(Token));
        Assert.Contains("65536", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_clock_that_stands_still_hinders_no_leader_and_without_nodes_the_term_ends_by_it()
    {
        ManualTimeProvider clock = new();
        await using InProcessLocks locks = new(clock);
        IHost host = Build(services => services
            .AddSingleton<ILockProvider>(new LockProvider(locks.Factory))
            .AddLeaderElection("reports"));
        await host.StartAsync(Token);
        LeaderTerm term = await ElectionOf(host).WaitForTermAsync(Token).SoonAsync();
        Assert.True(term.IsHeld);
        locks.Stop();
        clock.Advance(TimeSpan.FromMinutes(1));
        Assert.False(term.IsHeld);
        Assert.Equal(TimeSpan.Zero, term.Remaining);
        await Eventually.Holds(() =>
        {
            clock.Advance(TimeSpan.FromSeconds(1));
            return term.Ended.IsCancellationRequested;
        });
    }

    [Fact]
    public async Task What_is_asked_of_a_term_behind_its_host_is_answered()
    {
        IHost host = Build();
        await host.StartAsync(Token);
        ILeaderElection election = ElectionOf(host);
        LeaderTerm term = await election.WaitForTermAsync(Token).SoonAsync();
        await ((IAsyncDisposable)host).DisposeAsync();
        bool isTold = false;
        await using CancellationTokenRegistration registration = term.Ended.UnsafeRegister(_ => isTold = true, null);
        Assert.True(isTold && term.Ended.IsCancellationRequested);
        Assert.False(term.IsHeld || election.IsLeader);
        Assert.True(term.FencingToken > 0);
        term.Resign();
    }

    private IHost Build(string name = "reports") =>
        Build(services => services.AddRedlock(options => options.Nodes.Add(Node.Endpoint)).AddLeaderElection(name));
}
