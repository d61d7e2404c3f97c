namespace Redlock.Fast.Torture;

/// <summary>One run: nodes, links, clients, the nemesis, and the verdict on what the clients wrote down.</summary>
internal sealed class TortureRun : IDisposable
{
    // What starting, ending and checking may take on a busy machine, beyond the time asked for.
    private static readonly TimeSpan _margin = TimeSpan.FromSeconds(90);

    // Far below what an idle machine does (hundreds), far above what a lock that is stuck does.
    private const int LeastAcquisitionsASecond = 2;

    // So many say as much as all of them.
    private const int MostViolationsShown = 20;

    private readonly TortureOptions _options;
    private readonly DirectoryInfo _histories = Directory.CreateTempSubdirectory("redlock-torture-");
    private readonly List<TargetNode> _nodes = [];
    private readonly List<IReadOnlyList<Link>> _links = [];
    private readonly List<ClientProcess> _clients = [];
    private ClientProcess? _steady;

    public TortureRun(TortureOptions options) => _options = options;

    /// <summary>Runs, prints, and says whether the lock kept its promise.</summary>
    public async Task<bool> RunAsync()
    {
        using CancellationTokenSource limit = new(_options.Duration + _margin);
        long start = TimeProvider.System.GetTimestamp();
        for (int node = 0; node < _options.Nodes; node++)
        {
            _nodes.Add(await TargetNode.StartAsync(node, limit.Token));
        }

        for (int client = 0; client < _options.Clients; client++)
        {
            List<Link> links = _nodes.ConvertAll(node => new Link(node.Port));
            _links.Add(links);
            _clients.Add(new ClientProcess(HotClient.Subcommand, HotClient.Arguments(
                HistoryPath(client), _options.Seed + client, _options.Names, _options.Sabotage, links.Select(link => link.Endpoint))));
        }

        _steady = new ClientProcess(SteadyClient.Subcommand, _nodes.ConvertAll(node => node.Endpoint));
        Nemesis nemesis = new(_nodes, _clients, _links);
        long clientsStarted = TimeProvider.System.GetTimestamp();
        await nemesis.RunAsync(FaultPlan.Make(_options), limit.Token).WaitAsync(limit.Token);
        TimeSpan rest = _options.Duration - TimeProvider.System.GetElapsedTime(clientsStarted);
        await Task.Delay(rest > TimeSpan.Zero ? rest : TimeSpan.Zero, limit.Token);

        ClientCounts counts = default;
        foreach (ClientProcess client in _clients)
        {
            counts += ClientCounts.Parse(await client.FinishAsync(limit.Token));
        }

        SteadyReport steady = SteadyReport.Parse(await _steady.FinishAsync(limit.Token));

        List<string> wrong = await Healing.CheckAsync(_nodes, _options.Names, limit.Token);
        List<DataLoss> losses = [.. _nodes.SelectMany(node => node.Losses)];
        DoneToNodes done = new(nemesis.Disturbances, losses);
        wrong.AddRange(new SteadyChecker(RedlockFactory.Quorum(_options.Nodes), done).Check(steady));
        Verdict verdict = new HistoryChecker(RedlockFactory.Quorum(_options.Nodes), losses).Check(ReadHistories());
        wrong.AddRange(verdict.Violations.Take(MostViolationsShown));
        double least = LeastAcquisitionsASecond * _options.Duration.TotalSeconds;
        if (counts.Acquired < least)
        {
            wrong.Add($"Only {counts.Acquired} acquisitions: at least {least:0} were expected.");
        }

        foreach (string line in wrong)
        {
            Console.WriteLine(line);
        }

        Console.WriteLine($"faults: {nemesis}");
        Console.WriteLine($"steady callers: {steady}");
        Console.WriteLine(
            $"torture: seed {_options.Seed}, {TimeProvider.System.GetElapsedTime(start).TotalSeconds:0} s; "
            + $"{counts.Acquired} acquired, {counts.Contended} contended, {counts.Unavailable} unavailable, {counts.Cancelled} cancelled, "
            + $"{counts.Extended} extended, {counts.Lost} told that they were lost; {nemesis.Injected} faults injected, "
            + $"{verdict.ExplainedOverlaps} overlaps explained by {losses.Count} losses of data, {verdict.Violations.Count} violations"
            + (wrong.Count == 0 ? "" : $", {wrong.Count} THINGS WRONG"));
        return wrong.Count == 0;
    }

    public void Dispose()
    {
        _steady?.Dispose();
        foreach (ClientProcess client in _clients)
        {
            client.Dispose();
        }

        foreach (Link link in _links.SelectMany(links => links))
        {
            link.Dispose();
        }

        foreach (TargetNode node in _nodes)
        {
            node.Dispose();
        }

        _histories.Delete(recursive: true);
    }

    private IEnumerable<Claim> ReadHistories() =>
        Enumerable.Range(0, _options.Clients).SelectMany(client => HistoryLog.Read(File.ReadLines(HistoryPath(client))));

    private string HistoryPath(int client) => Path.Combine(_histories.FullName, $"client-{client}");
}
