using System.Reflection;
using Redlock.Fast.Extensions;
using Redlock.Fast.Resp;
using Redlock.Fast.Testing;

namespace Redlock.Fast.Tests;

public class PublicSurfaceTests
{
    private const string UpdateVariable = "UPDATE_SURFACE";

    [Theory]
    [InlineData(typeof(RespNode))]
    [InlineData(typeof(RedlockFactory))]
    [InlineData(typeof(InMemoryNode))]
    [InlineData(typeof(LockProvider))]
    public void The_public_surface_is_the_one_in_the_tree(Type memberOfAssembly)
    {
        Assembly assembly = memberOfAssembly.Assembly;
        string file = $"{assembly.GetName().Name}.txt";
        string expectedPath = Path.Combine(SourceTree.Root, "tests", "surface", file);
        string actual = SurfaceText.Of(assembly);
        if (Environment.GetEnvironmentVariable(UpdateVariable) == "1")
        {
            Directory.CreateDirectory(Path.GetDirectoryName(expectedPath)!);
            File.WriteAllText(expectedPath, actual);
            return;
        }

        string expected = File.Exists(expectedPath) ? File.ReadAllText(expectedPath) : string.Empty;
        if (expected == actual)
        {
            return;
        }

        string actualPath = Path.Combine(AppContext.BaseDirectory, "surface", file);
        Directory.CreateDirectory(Path.GetDirectoryName(actualPath)!);
        File.WriteAllText(actualPath, actual);
        string[] before = expected.Split('\n');
        string[] after = actual.Split('\n');
        Assert.Fail(
            $"The public surface of {assembly.GetName().Name} is not what tests/surface/{file} says.\n"
            + string.Concat(before.Except(after).Select(line => $"- {line}\n"))
            + string.Concat(after.Except(before).Select(line => $"+ {line}\n"))
            + $"The new text is in {actualPath}. If the change is meant, run the tests once with {UpdateVariable}=1 and commit the file.");
    }
}
