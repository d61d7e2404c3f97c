using Redlock.Fast.Resp;

namespace Redlock.Fast.Unit.Tests;

public class RespScriptTests
{
    private const string Text = "return 1";
    private const string Digest = "e0e1f9fabfc9d4800c877a703b823ac0578ff8db";

    [Fact]
    public void The_digest_is_that_of_the_text()
    {
        Assert.Equal(Digest, new RespScript(Text).Sha1);
        Assert.Equal(Digest, new RespScript(Text, Digest).Sha1);
    }

    [Theory]
    [InlineData("")]
    [InlineData("e0e1f9fabfc9d4800c877a703b823ac0578ff8d")]
    [InlineData("e0e1f9fabfc9d4800c877a703b823ac0578ff8dbb")]
    [InlineData("E0E1F9FABFC9D4800C877A703B823AC0578FF8DB")]
    [InlineData("g0e1f9fabfc9d4800c877a703b823ac0578ff8db")]
    public void What_is_no_digest_is_refused(string digest) =>
        Assert.Equal("sha1", Assert.Throws<ArgumentException>(() => new RespScript(Text, digest)).ParamName);

    [Fact]
    public void A_text_is_needed()
    {
        Assert.Throws<ArgumentException>(() => new RespScript(""));
        Assert.Throws<ArgumentNullException>(() => new RespScript(null!));
        Assert.Throws<ArgumentException>(() => new RespScript("", Digest));
    }
}
