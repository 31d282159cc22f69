namespace ModelGarden.Kernel.Tests;

public sealed class ResultTests
{
    private static readonly Error Missing = Error.NotFound("MODEL_NOT_FOUND", "no such model");

    [Fact]
    public void Value_OfASuccess_IsGiven()
    {
        Result<int> result = 7;

        Assert.Null(result.Error);
        Assert.Equal(7, result.Value);
        Assert.Equal(7, result.OrThrow());
    }

    [Fact]
    public void Value_OfADefault_IsAValueToo()
    {
        Result<int> result = 0;

        Assert.Null(result.Error);
        Assert.Equal(0, result.Value);
    }

    [Fact]
    public void Value_OfAFailure_IsABug()
    {
        Result<int> result = Missing;

        Assert.Same(Missing, result.Error);
        Assert.Contains("MODEL_NOT_FOUND", Assert.Throws<InvalidOperationException>(() => result.Value).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void OrThrow_OfAFailure_CarriesTheError()
    {
        Result<string> result = Missing;

        var exception = Assert.Throws<ErrorException>(result.OrThrow);
        Assert.Same(Missing, exception.Error);
        Assert.Equal("MODEL_NOT_FOUND: no such model", exception.Message);
    }

    [Fact]
    public void Conversion_OfNothing_IsRefused()
    {
        Assert.Throws<ArgumentNullException>(() => (Result<string>)(string)null!);
        Assert.Throws<ArgumentNullException>(() => (Result<string>)(Error)null!);
        Assert.Throws<ArgumentNullException>(() => (Result<int>)(Error)null!);
    }
}
