using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Redlock.Fast.Testing;

namespace Redlock.Fast.Extensions.Tests;

public sealed class LeaderElectionTests : ElectionsOnOneNode
{
    [Fact]
    public async Task One_instance_leads_and_hands_over_when_its_host_stops()
    {
        IHost first = await StartAsync();
        ILeaderElection election = ElectionOf(first);
        LeaderTerm term = await election.WaitForTermAsync(Token).SoonAsync();
        Assert.True(election.IsLeader && term.IsHeld);
        Assert.Same(term, election.Term);
        Assert.True(term.Remaining > TimeSpan.Zero);
        Assert.Equal("reports", term.Name);
        ILeaderElection second = ElectionOf(await StartAsync());
        Task<LeaderTerm> waiting = second.WaitForTermAsync(Token);
        Assert.False(second.IsLeader || waiting.IsCompleted);
        Assert.Null(second.Term);
        await first.StopAsync(Token);
        Assert.False(election.IsLeader || term.IsHeld);
        Assert.Equal(TimeSpan.Zero, term.Remaining);
        Assert.True(term.Ended.IsCancellationRequested);
        Assert.True((await waiting.SoonAsync()).IsHeld);
    }

    [Fact]
    public async Task Who_listens_hears_the_beginning_and_the_end()
    {
        List<LeadershipChange> heard = [];
        using RecordedLog log = new();
        IHost host = await StartAsync(log: log, prepare: election => election.Changed += (_, change) =>
        {
            heard.Add(change.Change);
            Assert.Equal(change.Change == LeadershipChange.Begun, change.Term.IsHeld);
            throw new InvalidOperationException("a listener's own fault");
        });
        await ElectionOf(host).WaitForTermAsync(Token).SoonAsync();
        await Eventually.Holds(() => heard.Count == 1);
        await host.StopAsync(Token);
        Assert.Equal([LeadershipChange.Begun, LeadershipChange.Stopped], heard);
        Assert.Contains(log.Entries, entry => entry.Text == "Leader election 'reports': this instance leads.");
        Assert.Contains(log.Entries, entry => entry.Text == "Leader election 'reports': this instance leads no more (Stopped).");
        Assert.Equal(2, log.Entries.Count(entry => entry.Level == LogLevel.Error));
    }

    [Fact]
    public async Task Who_resigns_lets_another_instance_lead_first()
    {
        IHost first = await StartAsync();
        LeaderTerm term = await ElectionOf(first).WaitForTermAsync(Token).SoonAsync();
        IHost second = await StartAsync();
        Task<LeaderTerm> waiting = ElectionOf(second).WaitForTermAsync(Token);
        term.Resign();
        term.Resign();
        Assert.True((await waiting.SoonAsync()).IsHeld);
        Assert.False(term.IsHeld);
    }

    [Fact]
    public async Task A_leader_whose_nodes_go_is_told_and_competes_again()
    {
        using RecordedLog log = new();
        IHost host = await StartAsync(defaults => defaults with { Expiry = TimeSpan.FromSeconds(1) }, log);
        ILeaderElection election = ElectionOf(host);
        LeaderTerm term = await election.WaitForTermAsync(Token).SoonAsync();
        Node.Stop();
        await Eventually.Holds(() => term.Ended.IsCancellationRequested && !election.IsLeader);
        Node.Restart(NodeData.Lose);
        Assert.NotSame(term, await election.WaitForTermAsync(Token).SoonAsync());
        Assert.Contains(
            log.Entries,
            entry => entry.Text == "Leader election 'reports': this instance has lost the leadership, and competes again.");
    }

    [Fact]
    public async Task Several_elections_are_told_apart_by_their_names()
    {
        IHost host = Build(services => services
            .AddKeyedRedlock("billing", options => options.Nodes.Add(Node.Endpoint))
            .AddLeaderElection("reports", quorum: "billing")
            .AddLeaderElection("mails", quorum: "billing")
            .AddLeaderElection("mails", quorum: "nowhere"));
        await host.StartAsync(Token);
        foreach (string name in (string[])["reports", "mails"])
        {
            ILeaderElection election = host.Services.GetRequiredKeyedService<ILeaderElection>(name);
            Assert.Equal(name, election.Name);
            await election.WaitForTermAsync(Token).SoonAsync();
        }

        InvalidOperationException unclear =
            Assert.Throws<InvalidOperationException>(() => host.Services.GetRequiredService<ILeaderElection>());
        Assert.Equal(
            "There are 2 elections (reports, mails): have one injected by its name, with [FromKeyedServices(\"reports\")].",
            unclear.Message);
    }

    [Fact]
    public void Without_a_quorum_it_says_what_is_missing()
    {
        using IHost host = Hosts.Build(services => services.AddLeaderElection("reports"));
        InvalidOperationException missing =
            Assert.Throws<InvalidOperationException>(() => host.Services.GetRequiredService<ILeaderElection>());
        Assert.Contains("services.AddRedlock(...)", missing.Message, StringComparison.Ordinal);
    }

    private async Task<IHost> StartAsync(
        Func<MutexOptions, MutexOptions>? change = null, RecordedLog? log = null, Action<ILeaderElection>? prepare = null)
    {
        IHost host = Build(
            services => services.AddRedlock(options => options.Nodes.Add(Node.Endpoint)).AddLeaderElection("reports", change), log);
        prepare?.Invoke(ElectionOf(host));
        await host.StartAsync(Token);
        return host;
    }
}
