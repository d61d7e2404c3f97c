namespace Redlock.Fast.Torture;

/// <summary>One run: nodes, links, clients, the nemesis, and the verdict on what the clients wrote down.</summary>
internal sealed class TortureRun : IDisposable
{
    // What starting, ending and checking may take on a busy machine, beyond the time asked for.
    private static readonly TimeSpan _margin = TimeSpan.FromSeconds(90);

    // Far below what an idle machine does (hundreds), far above what a lock that is stuck does.
    private const int LeastAcquisitionsASecond = 2;

    // The longest wait that may have begun just before, a hold, and what a busy machine takes.
    private static readonly TimeSpan _timeToEnd = TimeSpan.FromSeconds(30);

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

        for (int client = 0; client < _options.Processes; client++)
        {
            _clients.Add(StartClient(client));
        }

        List<string> endpoints = _nodes.ConvertAll(node => node.Endpoint);
        _steady = new ClientProcess(SteadyClient.Subcommand, _ => endpoints);
        Nemesis nemesis = new(_nodes, _clients, _links);
        long clientsStarted = TimeProvider.System.GetTimestamp();
        await nemesis.RunAsync(FaultPlan.Make(_options), limit.Token).WaitAsync(limit.Token);
        TimeSpan rest = _options.Duration - TimeProvider.System.GetElapsedTime(clientsStarted);
        await Task.Delay(rest > TimeSpan.Zero ? rest : TimeSpan.Zero, limit.Token);

        List<string> wrong = [];
        await Task.WhenAll(_clients.Select((client, number) => FinishAsync(client, number, wrong)));
        SteadyReport steady = SteadyReport.Parse(await _steady.FinishAsync(limit.Token));

        wrong.AddRange(await Healing.CheckAsync(_nodes, _options.Names, limit.Token));
        List<DataLoss> losses = [.. _nodes.SelectMany(node => node.Losses)];
        DoneToNodes done = new(nemesis.Disturbances, losses);
        wrong.AddRange(new SteadyChecker(RedlockFactory.Quorum(_options.Nodes), done).Check(steady));
        List<History> histories = [.. Enumerable.Range(0, _options.Processes).SelectMany(ReadHistories)];
        IEnumerable<Claim> claims = histories.SelectMany(life => life.Claims);
        Verdict verdict = new HistoryChecker(RedlockFactory.Quorum(_options.Nodes), losses).Check(claims);
        wrong.AddRange(verdict.Violations.Take(MostViolationsShown));
        wrong.AddRange(new WaitChecker(nemesis.Unrest).Check(histories).Take(MostViolationsShown));
        wrong.AddRange(histories.SelectMany(OrderChecker.Check).Take(MostViolationsShown));
        Totals totals = new(histories);
        double least = LeastAcquisitionsASecond * _options.Duration.TotalSeconds;
        if (totals[CallEnd.Acquired] < least)
        {
            wrong.Add($"Only {totals[CallEnd.Acquired]} acquisitions: at least {least:0} were expected.");
        }

        foreach (string line in wrong)
        {
            Console.WriteLine(line);
        }

        Console.WriteLine($"faults: {nemesis}");
        Console.WriteLine($"steady callers: {steady}");
        Console.WriteLine($"waits: {totals.DescribeWaits()}");
        Console.WriteLine(
            $"torture: seed {_options.Seed}, {TimeProvider.System.GetElapsedTime(start).TotalSeconds:0} s; "
            + $"{totals}; {nemesis.Injected} faults injected, "
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

    private ClientProcess StartClient(int client)
    {
        List<Link> links = _nodes.ConvertAll(node => new Link(node.Port));
        _links.Add(links);
        List<string> endpoints = links.ConvertAll(link => link.Endpoint);
        return client < _options.Clients
            ? new ClientProcess(HotClient.Subcommand, life => HotClient.Arguments(
                HistoryPath(client, life), SeedOf(client, life), _options.Names, _options.Sabotage, endpoints))
            : new ClientProcess(ForeignClient.Subcommand, life => ForeignClient.Arguments(
                HistoryPath(client, life), SeedOf(client, life), _options.Names, endpoints));
    }

    // Whoever waits for ever keeps its process from ending, and the checker says who that is.
    private static async Task FinishAsync(ClientProcess client, int number, List<string> wrong)
    {
        using CancellationTokenSource limit = new(_timeToEnd);
        try
        {
            await client.FinishAsync(limit.Token);
        }
        catch (Exception failure) when (failure is OperationCanceledException or InvalidOperationException)
        {
            lock (wrong)
            {
                wrong.Add(failure is OperationCanceledException
                    ? $"Client {number} did not end within {_timeToEnd.TotalSeconds} s of being asked to."
                    : $"Client {number}: {failure.Message}");
            }

            client.End();
        }
    }

    private IEnumerable<History> ReadHistories(int client)
    {
        IReadOnlyList<long> deaths = _clients[client].Deaths;
        for (int life = 0; life <= deaths.Count; life++)
        {
            // On a busy machine it may be killed before it begins.
            string path = HistoryPath(client, life);
            yield return History.Read(File.Exists(path) ? File.ReadLines(path) : [], life < deaths.Count ? deaths[life] : long.MaxValue);
        }
    }

    private int SeedOf(int client, int life) => unchecked(_options.Seed + client + (life * _options.Processes));

    private string HistoryPath(int client, int life) => Path.Combine(_histories.FullName, $"client-{client}-{life}");
}
