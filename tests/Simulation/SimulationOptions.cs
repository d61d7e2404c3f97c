using System.Globalization;

namespace Redlock.Fast.Simulation;

/// <summary>The command line.</summary>
internal sealed class SimulationOptions
{
    public const string Usage = """
        Runs the quorum code under virtual time; each seed is one history. Exits with 1 if an invariant did not hold.
          --seeds A-B          these seeds (1-1000 if nothing is said)
          --seconds S          new seeds for so long
          --seed X [--trace]   one seed; with a line for each thing that happens
          --mutants [TEXT]     puts defects into copies of the sources and shows that each is found; TEXT is in the names of some
                               (with --bytes always: those of the connection alone)
        Changes to what a seed draws, to replay what was made smaller:
          --without F,F  --with F,F  --clients N  --nodes N  --callers N  --names N  --quorum default  --heal-at NANOSECONDS
          --fenced  --unfenced (a coin decides)
          --chaos EXPIRIES     everything heals after so many (24): shorter runs are more of them
          --bytes always|never the shipped connection over simulated bytes, or a simulated channel (a third of the seeds draw bytes)
        Other:
          --exclusion-only     checks only that no two owners rely on one name
          --first              ends at the first seed that fails, and does not make it smaller
          --workers N          threads, each with simulations of its own (2)
        """;

    public ulong First { get; private set; } = 1;

    public ulong Last { get; private set; } = 1000;

    public TimeSpan? Time { get; private set; }

    public bool IsTraced { get; private set; }

    public bool RunsMutants { get; private set; }

    public string MutantsNamed { get; private set; } = "";

    public bool EndsAtFirst { get; private set; }

    /// <summary>Which runs go through bytes.</summary>
    public ByteUse Bytes { get; private set; }

    public int Workers { get; private set; } = 2;

    private Fault Without { get; set; }

    private Fault With { get; set; }

    private int? Clients { get; set; }

    private int? Nodes { get; set; }

    private int? Callers { get; set; }

    private int? Names { get; set; }

    private long? HealAt { get; set; }

    private int? ChaosExpiries { get; set; }

    private bool UsesDefaultQuorum { get; set; }

    private bool? IsFenced { get; set; }

    private bool ExclusionOnly { get; set; }

    /// <exception cref="FormatException">The command line is not understood.</exception>
    public static SimulationOptions Parse(string[] arguments)
    {
        SimulationOptions options = new();
        Queue<string> words = new(arguments);
        while (words.TryDequeue(out string? word))
        {
            string Next() => words.TryDequeue(out string? value) ? value : throw new FormatException($"{word} needs a value.");
            int Number() => int.Parse(Next(), CultureInfo.InvariantCulture);
            switch (word)
            {
                case "--seeds":
                    string[] ends = Next().Split('-');
                    options.First = ulong.Parse(ends[0], CultureInfo.InvariantCulture);
                    options.Last = ulong.Parse(ends[^1], CultureInfo.InvariantCulture);
                    break;
                case "--seed":
                    options.First = options.Last = ulong.Parse(Next(), CultureInfo.InvariantCulture);
                    break;
                case "--seconds":
                    options.Time = TimeSpan.FromSeconds(Number());
                    options.First = (ulong)Random.Shared.NextInt64(1, long.MaxValue / 2);
                    options.Last = ulong.MaxValue;
                    break;
                case "--trace":
                    options.IsTraced = true;
                    break;
                case "--mutants":
                    options.RunsMutants = true;
                    options.MutantsNamed = words.TryPeek(out _) ? Next() : "";
                    break;
                case "--first":
                    options.EndsAtFirst = true;
                    break;
                case "--fenced":
                    options.IsFenced = true;
                    break;
                case "--unfenced":
                    options.IsFenced = false;
                    break;
                case "--exclusion-only":
                    options.ExclusionOnly = true;
                    break;
                case "--without":
                    options.Without = Enum.Parse<Fault>(Next());
                    break;
                case "--with":
                    options.With = Enum.Parse<Fault>(Next());
                    break;
                case "--clients":
                    options.Clients = Number();
                    break;
                case "--nodes":
                    options.Nodes = Number();
                    break;
                case "--callers":
                    options.Callers = Number();
                    break;
                case "--names":
                    options.Names = Number();
                    break;
                case "--bytes":
                    options.Bytes = Enum.Parse<ByteUse>(Next(), ignoreCase: true);
                    break;
                case "--workers":
                    options.Workers = Number();
                    break;
                case "--heal-at":
                    options.HealAt = long.Parse(Next(), CultureInfo.InvariantCulture);
                    break;
                case "--chaos":
                    options.ChaosExpiries = Number();
                    break;
                case "--quorum":
                    options.UsesDefaultQuorum = Next() == "default";
                    break;
                default:
                    throw new FormatException($"{word} is not understood.\n{Usage}");
            }
        }

        return options;
    }

    public SimulationPlan PlanOf(ulong seed)
    {
        SimulationPlan plan = SimulationPlan.Draw(seed, Bytes);
        return plan with
        {
            Faults = (plan.Faults & ~Without) | With,
            Clients = Clients ?? plan.Clients,
            Nodes = Nodes ?? plan.Nodes,
            CallersAClient = Callers ?? plan.CallersAClient,
            Names = Names ?? plan.Names,
            HealAt = HealAt ?? ChaosExpiries * plan.ExpiryNanoseconds ?? plan.HealAt,
            Quorum = UsesDefaultQuorum ? null : plan.Quorum,
            IsFenced = IsFenced ?? plan.IsFenced,
            ExclusionOnly = ExclusionOnly,
        };
    }
}
