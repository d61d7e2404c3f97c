using Redlock.Fast.Resp;

namespace Redlock.Fast.Quickstart;

/// <summary>What the command line asks for.</summary>
internal sealed record Arguments(bool WantsHelp, IReadOnlyList<string> Endpoints)
{
    public const string Usage = """
        Shows what Redlock.Fast does, one step a line.

        dotnet run -v m --project samples/Quickstart
            five nodes in the memory of this process; three of them are stopped on the way

        dotnet run -v m --project samples/Quickstart -- --nodes redis-1:6379,unix:/run/redis.sock
            the same against your own nodes; they are never stopped

        --nodes <list>  1 to 31 endpoints with commas between them:
                        host:port, unix:/path, redis://user:password@host, rediss://host (TLS)
        --help          this text

        Exit code: 0 all steps kept their promise, 1 some step did not,
        2 the arguments were not understood.
        """;

    public static bool TryParse(string[] args, out Arguments arguments, out string problem)
    {
        arguments = new Arguments(WantsHelp: false, Endpoints: []);
        problem = "";
        for (int index = 0; index < args.Length; index++)
        {
            string argument = args[index];
            if (argument is "--help" or "-h" or "-?")
            {
                arguments = arguments with { WantsHelp = true };
            }
            else if (argument == "--nodes" && index + 1 < args.Length)
            {
                index++;
                arguments = arguments with { Endpoints = Split(args[index]) };
                problem = ProblemOf(arguments.Endpoints);
            }
            else if (argument.StartsWith("--nodes=", StringComparison.Ordinal))
            {
                arguments = arguments with { Endpoints = Split(argument["--nodes=".Length..]) };
                problem = ProblemOf(arguments.Endpoints);
            }
            else
            {
                // Not repeated: it may be an endpoint with a password in it.
                problem = argument == "--nodes"
                    ? "--nodes needs a list of endpoints behind it."
                    : $"Argument number {index + 1} was not understood.";
            }

            if (problem.Length > 0)
            {
                return false;
            }
        }

        return true;
    }

    private static string[] Split(string list) =>
        list.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    private static string ProblemOf(IReadOnlyList<string> endpoints)
    {
        if (endpoints.Count is 0 or > RedlockFactory.MaxNodes)
        {
            return $"--nodes takes 1 to {RedlockFactory.MaxNodes} endpoints, not {endpoints.Count}.";
        }

        HashSet<RedisEndpoint> different = [];
        for (int index = 0; index < endpoints.Count; index++)
        {
            if (!RedisEndpoint.TryParse(endpoints[index], out RedisEndpoint? endpoint, out string? wrong))
            {
                return $"--nodes, endpoint number {index + 1}: {wrong}";
            }

            if (!different.Add(endpoint))
            {
                return $"--nodes, endpoint number {index + 1}: {endpoint} is given twice; one node has one vote.";
            }
        }

        return "";
    }
}
