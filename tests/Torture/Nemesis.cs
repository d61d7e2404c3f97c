using Redlock.Fast.Resp;

namespace Redlock.Fast.Torture;

/// <summary>Carries out a plan of faults.</summary>
internal sealed class Nemesis
{
    private readonly IReadOnlyList<TargetNode> _nodes;
    private readonly IReadOnlyList<ClientProcess> _clients;

    // By client, then by node.
    private readonly IReadOnlyList<IReadOnlyList<Link>> _links;
    private readonly List<Disturbance> _disturbances = [];
    private readonly List<Stretch> _unrest = [];
    private readonly int[] _injected = new int[Enum.GetValues<FaultKind>().Length];

    public Nemesis(IReadOnlyList<TargetNode> nodes, IReadOnlyList<ClientProcess> clients, IReadOnlyList<IReadOnlyList<Link>> links)
    {
        _nodes = nodes;
        _clients = clients;
        _links = links;
    }

    public int Injected => _injected.Sum();

    /// <summary>When each node was not left alone.</summary>
    public IReadOnlyList<Disturbance> Disturbances => _disturbances;

    /// <summary>When anything was done that may keep a waiter from a name that is free.</summary>
    public IReadOnlyList<Stretch> Unrest => _unrest;

    public override string ToString() => string.Join(", ", Enum.GetValues<FaultKind>().Select(kind => $"{kind} {_injected[(int)kind]}"));

    public async Task RunAsync(IReadOnlyList<IReadOnlyList<Fault>> plan, CancellationToken cancellationToken)
    {
        long start = TimeProvider.System.GetTimestamp();
        Task[] hands = [.. plan.Select(hand => Task.Run(() => WorkOffAsync(hand, start, cancellationToken), cancellationToken))];
        await Task.WhenAll(hands);
        foreach (Link link in _links.SelectMany(links => links))
        {
            link.Become(LinkCondition.Clear);
        }
    }

    private async Task WorkOffAsync(IReadOnlyList<Fault> faults, long start, CancellationToken cancellationToken)
    {
        foreach (Fault fault in faults)
        {
            TimeSpan early = fault.Start - TimeProvider.System.GetElapsedTime(start);
            await Task.Delay(early > TimeSpan.Zero ? early : TimeSpan.Zero, cancellationToken);
            long faultStart = MonotonicTime.Shared.GetTimestamp();
            await InjectAsync(fault, cancellationToken);

            // Whoever hears no more, or has to send a script once more, loses time that its delay bounds.
            if (fault.Kind is not (FaultKind.KillSubscribers or FaultKind.FlushScripts))
            {
                lock (_unrest)
                {
                    _unrest.Add(new Stretch(faultStart, MonotonicTime.Shared.GetTimestamp()));
                }
            }

            Interlocked.Increment(ref _injected[(int)fault.Kind]);
        }
    }

    private async Task InjectAsync(Fault fault, CancellationToken cancellationToken)
    {
        switch (fault.Kind)
        {
            case FaultKind.WorsenLink:
                await WorsenAsync(fault);
                return;
            case FaultKind.PauseClient:
                await _clients[fault.Client].PauseAsync(fault.Duration);
                return;
            case FaultKind.KillClient:
                await _clients[fault.Client].KillAsync(fault.Duration);
                return;
        }

        TargetNode node = _nodes[fault.Node];
        await node.Gate.WaitAsync(cancellationToken);
        long start = MonotonicTime.Shared.GetTimestamp();
        try
        {
            await (fault.Kind switch
            {
                FaultKind.PauseNode => node.PauseAsync(fault.Duration),
                FaultKind.KillNode => node.KillAsync(fault.Duration),
                FaultKind.RestartNode => node.RestartAsync(fault.Duration),
                FaultKind.FlushScripts => node.FlushScriptsAsync(),
                FaultKind.KillConnections => node.KillConnectionsAsync(),
                FaultKind.KillSubscribers => node.KillSubscribersAsync(),
                FaultKind.FillNode => node.FillAsync(() => Break(fault.Node), fault.Duration),
                _ => throw new InvalidOperationException($"{fault.Kind} is not done to a node."),
            });
        }
        finally
        {
            lock (_disturbances)
            {
                _disturbances.Add(new Disturbance(fault.Kind, fault.Node, start, MonotonicTime.Shared.GetTimestamp()));
            }

            node.Gate.Release();
        }
    }

    private async Task WorsenAsync(Fault fault)
    {
        List<Link> links = [];
        for (int client = 0; client < _links.Count; client++)
        {
            if (fault.Client == Fault.AllClients || fault.Client == client)
            {
                links.Add(_links[client][fault.Node]);
            }
        }

        links.ForEach(link => link.Become(fault.Condition));
        await Task.Delay(fault.Duration);
        links.ForEach(link => link.Become(LinkCondition.Clear));
    }

    private void Break(int node)
    {
        foreach (IReadOnlyList<Link> links in _links)
        {
            links[node].Break();
        }
    }
}
