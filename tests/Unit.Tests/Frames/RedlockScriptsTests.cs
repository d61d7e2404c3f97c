using Redlock.Fast.Resp;

namespace Redlock.Fast.Unit.Tests;

public class RedlockScriptsTests
{
    public static TheoryData<RespScript> Scripts => 
        [RedlockScripts.Release, RedlockScripts.Extend, RedlockScripts.Take, FencingScripts.Take, FencingScripts.Raise];

    [Theory]
    [MemberData(nameof(Scripts))]
    public void The_digest_that_is_written_down_is_that_of_the_text(RespScript script) =>
        Assert.Equal(new RespScript(script.Text).Sha1, script.Sha1);
}
