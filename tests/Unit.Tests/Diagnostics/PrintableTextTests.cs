using Redlock.Fast.Resp;

namespace Redlock.Fast.Unit.Tests;

public sealed class PrintableTextTests
{
    [Theory]
    [InlineData("plain ~ text", "plain ~ text")]
    [InlineData("a\r\nb\tc", @"a\r\nb\tc")]
    [InlineData("\u001b[2J\u0007\0\u007f\u0085", @"\u001B[2J\u0007\u0000\u007F\u0085")]
    [InlineData("a\u2028b\u2029c", @"a\u2028b\u2029c")]
    [InlineData("\u202Eabc\u202C \u2066x\u2069 \u200E\u200F\u061C", @"\u202Eabc\u202C \u2066x\u2069 \u200E\u200F\u061C")]
    [InlineData("\uFEFFa\u200Bb\u00ADc\u2060", @"\uFEFFa\u200Bb\u00ADc\u2060")]
    [InlineData("\U000E0041tag", @"\U000E0041tag")]
    [InlineData("Müller ключ 鍵 مفتاح", "Müller ключ 鍵 مفتاح")]
    [InlineData("می\u200Cخواهم क्\u200Dष", "می\u200Cخواهم क्\u200Dष")]
    [InlineData("\U0001F468\u200D\U0001F469\u200D\U0001F467 e\u0301", "\U0001F468\u200D\U0001F469\u200D\U0001F467 e\u0301")]
    [InlineData(@"back\slash", @"back\slash")]
    [InlineData("", "")]
    public void What_a_terminal_obeys_is_escaped_and_the_rest_stays(string text, string shown)
    {
        Assert.Equal(shown, PrintableText.Of(text));
        Assert.Equal(text == shown, PrintableText.IsPrintable(text));
        Assert.True(PrintableText.IsPrintable(shown));
        if (text == shown)
        {
            Assert.Same(text, PrintableText.Of(text));
        }
    }

    // An attribute can't carry them.
    [Fact]
    public void Lone_surrogates_are_escaped()
    {
        Assert.Equal(@"\uD800x\uDC00", PrintableText.Of("\uD800x\uDC00"));
        Assert.Equal(@"x\uD83D", PrintableText.Of("x\uD83D"));
    }

    [Fact]
    public void A_long_name_is_cut_and_no_character_is_cut_in_two()
    {
        Assert.Equal(new string('x', 200), PrintableText.OfName(new string('x', 200)));
        Assert.Equal(new string('x', 200) + "...", PrintableText.OfName(new string('x', 201)));
        Assert.Equal(new string('x', 199) + "...", PrintableText.OfName(new string('x', 199) + "\U0001F468y"));
        Assert.Equal(@"\n" + new string('x', 199) + "...", PrintableText.OfName("\n" + new string('x', 500)));
    }

    // Every code point there is, each in the one text that this makes of it.
    [Fact]
    public void Nothing_that_is_escaped_comes_through()
    {
        for (int value = 0; value <= 0x10FFFF; value++)
        {
            string text = value is >= 0xD800 and <= 0xDFFF ? ((char)value).ToString() : char.ConvertFromUtf32(value);
            string shown = PrintableText.Of(text);
            bool isSafe = shown != text || System.Globalization.CharUnicodeInfo.GetUnicodeCategory(value) is not (
                System.Globalization.UnicodeCategory.Control or System.Globalization.UnicodeCategory.LineSeparator
                or System.Globalization.UnicodeCategory.ParagraphSeparator or System.Globalization.UnicodeCategory.Surrogate)
                    && value is not (>= 0x202A and <= 0x202E or >= 0x2066 and <= 0x2069);
            if (!isSafe)
            {
                Assert.Fail($"U+{value:X4} comes through.");
            }
        }
    }
}
