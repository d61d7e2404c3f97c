using System.Diagnostics;
using System.Globalization;
using System.Threading.Channels;
using Redlock.Fast.Testing;

namespace Redlock.Fast.Worker;

/// <summary>
/// Three instances compete for one leadership. The leader is killed, then the next one is stopped in good order; each time another takes
/// over, and the one that went is started again.
/// </summary>
internal sealed class HandOverShow
{
    private const int HandedOver = 0;
    private const int NotHandedOver = 1;

    // Longer than the expiry of 2 s: only a lock that is renewed lasts so long.
    private static readonly TimeSpan _leadTime = TimeSpan.FromSeconds(3);

    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(60);

    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private readonly Channel<(InstanceProcess Leader, TimeSpan At)> _leaders = Channel.CreateUnbounded<(InstanceProcess, TimeSpan)>();
    private readonly List<InstanceProcess> _instances = [];
    private readonly List<string> _settings;
    private int _failures;
    private int _started;

    private HandOverShow(IEnumerable<string> nodes, string resource)
    {
        _settings = [.. nodes.Select((node, index) => string.Create(CultureInfo.InvariantCulture, $"--Redlock:Nodes:{index}={node}"))];
        _settings.Add($"--Worker:Resource={resource}");
    }

    /// <summary>Exits 0 if both hand-overs of every round happened and nobody led beside another, else 1.</summary>
    /// <param name="args">How many rounds; one if there is none.</param>
    public static async Task<int> RunAsync(string[] args)
    {
        int rounds = args.Length == 1 ? int.Parse(args[0], CultureInfo.InvariantCulture) : 1;
        using InMemoryNode first = InMemoryNode.Start();
        using InMemoryNode second = InMemoryNode.Start();
        using InMemoryNode third = InMemoryNode.Start();
        DirectoryInfo folder = Directory.CreateTempSubdirectory("worker-");
        HandOverShow show = new([first.Endpoint, second.Endpoint, third.Endpoint], Path.Combine(folder.FullName, "resource"));
        try
        {
            return await show.RunAsync(rounds);
        }
        catch (OperationCanceledException)
        {
            show.Say($"nobody took over within {_patience.TotalSeconds:0} s");
            return NotHandedOver;
        }
        finally
        {
            show._instances.ForEach(instance => instance.Dispose());
            folder.Delete(recursive: true);
        }
    }

    private async Task<int> RunAsync(int rounds)
    {
        for (int instance = 0; instance < 3; instance++)
        {
            StartOne();
        }

        (InstanceProcess leader, _) = await NextLeaderAsync();
        TimeSpan longestKill = TimeSpan.Zero;
        TimeSpan longestStop = TimeSpan.Zero;
        for (int round = 0; round < rounds; round++)
        {
            await Task.Delay(_leadTime);
            (leader, TimeSpan took) = await AfterAsync(leader, instance => instance.Kill(), "is killed");
            longestKill = took > longestKill ? took : longestKill;
            await Task.Delay(_leadTime);
            (leader, took) = await AfterAsync(leader, instance => instance.Stop(), "is stopped in good order");
            longestStop = took > longestStop ? took : longestStop;
        }

        Say($"handed over in {longestKill.TotalMilliseconds:0} ms at most after a kill, {longestStop.TotalMilliseconds:0} ms after a stop");
        Say($"{_failures} leaders beside another");
        return _failures == 0 ? HandedOver : NotHandedOver;
    }

    private async Task<(InstanceProcess Next, TimeSpan Took)> AfterAsync(
        InstanceProcess leader, Action<InstanceProcess> end, string how)
    {
        Say($"{leader.Name} {how}");
        TimeSpan start = _clock.Elapsed;
        end(leader);
        (InstanceProcess next, TimeSpan at) = await NextLeaderAsync();
        Say($"handed over to {next.Name} in {(at - start).TotalMilliseconds:0} ms");
        _instances.Remove(leader);
        leader.Dispose();
        StartOne();
        return (next, at - start);
    }

    private async Task<(InstanceProcess Leader, TimeSpan At)> NextLeaderAsync()
    {
        using CancellationTokenSource limit = new(_patience);
        (InstanceProcess leader, TimeSpan at) = await _leaders.Reader.ReadAsync(limit.Token);
        Say($"{leader.Name} leads");
        return (leader, at);
    }

    private void StartOne() => _instances.Add(InstanceProcess.Start(
        string.Create(CultureInfo.InvariantCulture, $"instance {++_started}"),
        _settings,
        leader => _leaders.Writer.TryWrite((leader, _clock.Elapsed)),
        what =>
        {
            Interlocked.Increment(ref _failures);
            Say(what);
        }));

    private void Say(string what) => Console.WriteLine($"{_clock.Elapsed.TotalSeconds,7:0.000} s  {what}");
}
