using Redlock.Fast.Quickstart;

const int allKept = 0;
const int somethingBroken = 1;
const int badArguments = 2;

if (!Arguments.TryParse(args, out Arguments arguments, out string problem))
{
    await Console.Error.WriteLineAsync(problem);
    await Console.Error.WriteLineAsync("See --help.");
    return badArguments;
}

if (arguments.WantsHelp)
{
    Console.WriteLine(Arguments.Usage);
    return allKept;
}

using SampleNodes nodes = arguments.Endpoints.Count == 0 ? SampleNodes.InMemory() : SampleNodes.Real(arguments.Endpoints);
StepTable steps = new();
await Tour.RunAsync(nodes, steps);
Screen.Write(nodes, steps);
return steps.AllKept ? allKept : somethingBroken;
