"""The derivative of a network's loss along a direction, by differences."""


def slope(net, batch, direction, step=1e-6):
    """The derivative of the loss along a direction, by differences."""
    start, losses = net.theta.copy(), []
    for sign in (1, -1):
        net.theta[...] = start + sign * step * direction
        losses.append(net.loss(batch))
    net.theta[...] = start
    return (losses[0] - losses[1]) / (2 * step)
